import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { FlowLimits1790000000009 } from '../../../src/storage/postgres/migrations/1790000000009-flow-limits.js';
import { MIGRATIONS } from '../../../src/storage/postgres/migrations/index.js';
import { dataSourceOptions } from '../../../src/storage/postgres/opening/data-source.js';
import type { Patient } from '../../../src/storage/postgres/opening/migrating.js';
import { migrate } from '../../../src/storage/postgres/opening/migrating.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Patience } from '../../../src/storage/postgres/wire/patience.js';
import { launch } from '../../support/daemon.js';
import { freePort } from '../../support/ports.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

const MIGRATION_LOCK = '7165056121480012';
/** It changes the table of work specs: those after it may only make tables, and wait for nobody. */
const CHANGES_SPECS = MIGRATIONS.indexOf(FlowLimits1790000000009);

describe('a migration that has to wait', () => {
  let database: TestDatabase;
  let holder: pg.Client;
  let who: RegExp;
  let told: string[];

  beforeEach(async () => {
    database = await createDatabase();
    told = [];
    holder = new pg.Client({ connectionString: database.url, application_name: 'nightly "backup"' });
    await holder.connect();
    const [{ pid, port }] = (
      await holder.query<{ pid: number; port: number }>(
        'SELECT pid, client_port AS port FROM pg_stat_activity WHERE pid = pg_backend_pid()',
      )
    ).rows;
    who = new RegExp(
      `held by pid ${pid} \\(application_name "nightly \\\\"backup\\\\"", user "postgres", from 127\\.0\\.0\\.1:${port}, ` +
        'since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ, idle in transaction\\)$',
    );
    await holder.query('BEGIN');
  });
  afterEach(async () => {
    await holder.end();
    await database.drop();
  });

  async function start(patient: Patient = {}): Promise<void> {
    // Nobody waits that long for one answer.
    const connection = await connect(readPostgresUrl(database.url), new Patience(1_000));
    try {
      await migrate(connection, readPostgresUrl(database.url), { tell: (line) => void told.push(line), ...patient });
    } finally {
      await connection.close();
    }
  }

  const takeLock = () => holder.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);

  /** Has the last migrations still to do, and locks a table that they need. */
  async function lockTable(): Promise<void> {
    await migrateDatabase(database);
    const source = await new DataSource(dataSourceOptions(readPostgresUrl(database.url), false)).initialize();
    for (let left = MIGRATIONS.length; left > CHANGES_SPECS; left--) await source.undoLastMigration();
    await source.destroy();
    await holder.query('LOCK TABLE coordinate.work_spec IN ACCESS SHARE MODE');
  }

  it('for another one says soon who that is, and goes on when it has ended', async () => {
    await takeLock();
    const started = start();
    await expect.poll(() => told).toHaveLength(1);
    expect(told[0]).toMatch(/^waiting for another session to end its migration, held by pid /);
    expect(told[0]).toMatch(who);
    await holder.query('ROLLBACK');
    await started;
    expect(told).toHaveLength(1);
  });

  it('for another one for too long ends with who holds it', async () => {
    await takeLock();
    const failing = start({ waitMs: 1_200 });
    await expect(failing).rejects.toThrow(/^waited \d+ s in vain for another session to end its migration, held by/);
    await expect(failing).rejects.toThrow(who);
  });

  it('for a table that somebody reads says who that is, and goes on when they have ended', async () => {
    await lockTable();
    const started = start();
    await expect.poll(() => told).toHaveLength(1);
    expect(told[0]).toMatch(/^waiting for a lock that the migration needs, held by pid /);
    expect(told[0]).toMatch(who);
    await holder.query('ROLLBACK');
    await started;
  });

  it('for a table for too long ends with who holds it, and leaves nothing half done', async () => {
    await lockTable();
    const failing = start({ waitMs: 2_500 });
    await expect(failing).rejects.toThrow(/^waited \d+ s in vain for a lock that the migration needs, held by/);
    await expect(failing).rejects.toThrow(who);
    await holder.query('ROLLBACK');
    await start();
  });

  it('is told of in the log of a daemon and by /readyz, which serves once it is over', async () => {
    await takeLock();
    const http = `127.0.0.1:${await freePort()}`;
    const ready = async () => (await fetch(`http://${http}/readyz`)).text();
    const daemon = await launch(['-backend', database.url, '-cborrpc', 'off', '-http', http], {});
    try {
      await expect.poll(() => daemon.stderr()).toMatch(/waiting for another session/);
      const [line] = daemon
        .stderr()
        .split('\n')
        .filter((each) => each.includes('waiting for another session'));
      expect(line).toMatch(/held by pid \d+ \(application_name/);
      expect(await ready()).toMatch(
        /waiting for another session to end its migration, held by pid \d+ \(application_name/,
      );
      await holder.query('ROLLBACK');
      await expect.poll(() => daemon.stdout()).toMatch(/HTTP on/);
      expect(await ready()).not.toContain('waiting');
    } finally {
      daemon.child.kill('SIGKILL');
      await daemon.exited;
    }
  });
});
