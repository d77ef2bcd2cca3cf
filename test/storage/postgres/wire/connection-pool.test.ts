import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPostgresUrl } from '../../../../src/storage/postgres/opening/postgres-url.js';
import { connect } from '../../../../src/storage/postgres/wire/connecting.js';
import type { Connection } from '../../../../src/storage/postgres/wire/connection.js';
import { ConnectionPool } from '../../../../src/storage/postgres/wire/connection-pool.js';
import { Patience } from '../../../../src/storage/postgres/wire/patience.js';
import type { Sql } from '../../../../src/storage/postgres/wire/statement.js';
import { question, sql, statement } from '../../../../src/storage/postgres/wire/statement.js';
import { BlackHole } from '../../../support/black-hole.js';
import type { TestDatabase } from '../../../support/postgres.js';
import { createDatabase } from '../../../support/postgres.js';

const SIZE = 2;

describe('the pool of connections, when all of them are cut', () => {
  let database: TestDatabase;
  let pool: ConnectionPool;
  /** Holds up whoever wants something of the table `gate`, until it rolls back. */
  let keeper: pg.Client;
  /** Between the pool and the database. */
  let hole: BlackHole;

  beforeEach(async () => {
    database = await createDatabase();
    await database.query('CREATE TABLE gate (id int)');
    keeper = new pg.Client(database.url);
    await keeper.connect();
    await keeper.query('BEGIN');
    await keeper.query('LOCK TABLE gate');
    const url = new URL(database.url);
    hole = await BlackHole.before(Number(url.port));
    url.port = String(hole.port);
    pool = new ConnectionPool(() => connect(readPostgresUrl(url.href)), SIZE);
  });
  afterEach(async () => {
    await keeper.end();
    await pool.close();
    hole.close();
    await database.drop();
  });

  /** Runs a statement on each connection. */
  const run = (command: Sql) => Array.from({ length: SIZE }, () => pool.query(statement(command)));

  const HELD_UP = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const allAreHeldUp = (): Promise<void> => expect.poll(() => database.query(HELD_UP)).toHaveLength(SIZE);

  /** Has the database cut the connections once all of them are held up, of which it tells. */
  const cut = async (): Promise<void> => {
    await allAreHeldUp();
    const cutOff = await database.query(`SELECT pid, pg_terminate_backend(pid) FROM (${HELD_UP}) h`);
    const remain = 'SELECT 1 FROM pg_stat_activity WHERE pid = ANY($1)';
    await expect.poll(() => database.query(remain, [cutOff.map(({ pid }) => pid)])).toEqual([]);
  };

  it('asks its questions once more', async () => {
    const answers = Promise.all(run(question('SELECT count(*) FROM gate')));
    await cut();
    await keeper.query('ROLLBACK');
    expect(await answers).toEqual([[['0']], [['0']]]);
  });

  it('does not ask a third time', async () => {
    const answers = Promise.allSettled(run(question('SELECT count(*) FROM gate')));
    await cut();
    await cut();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  const change = sql('WITH added AS (INSERT INTO gate VALUES (1) RETURNING id) SELECT id FROM added');

  it('makes the changes once more that the database says it has not made, and no third time', async () => {
    const answers = Promise.allSettled(run(change));
    await cut();
    await cut();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await keeper.query('ROLLBACK');
    expect(await database.query('SELECT * FROM gate')).toEqual([]);
  });

  it('does not repeat what may have changed something', async () => {
    const answers = Promise.allSettled(run(change));
    await allAreHeldUp();
    hole.cut();
    const reason = { message: expect.stringContaining('whether the change took place is not known') as string };
    expect(await answers).toMatchObject([{ reason }, { reason }]);
    await keeper.query('ROLLBACK');
    // Those that were cut off go on in the database, and are all that there is.
    await expect.poll(() => database.query('SELECT * FROM gate')).toHaveLength(SIZE);
    expect(await database.query(HELD_UP)).toEqual([]);
  });
});

describe('who waits for a connection', () => {
  it('is refused when it has taken too long, where all take long later than elsewhere', async () => {
    const patience = new Patience(100);
    const open = () => Promise.resolve({ isBroken: false, close: () => undefined } as unknown as Connection);
    const refused: string[] = [];
    const pools = [
      ['patient', new ConnectionPool(open, 1, patience, 300)],
      ['plain', new ConnectionPool(open, 1, patience)],
    ] as const;
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const atWork = pools.map(([, pool]) => pool.use(() => held));
    const waiting = pools.map(([name, pool]) =>
      pool.use(() => held).catch((error: Error) => refused.push(`${name}: ${error.message}`)),
    );
    await Promise.all(waiting);
    expect(refused.map((line) => line.split(':')[0])).toEqual(['plain', 'patient']);
    expect(refused[1]).toMatch(/no connection to the database became free/);
    release();
    await Promise.all(atWork);
  });
});
