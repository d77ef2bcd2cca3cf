import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningDaemon } from '../../support/daemon.js';
import { startDaemon } from '../../support/daemon.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

describe('a daemon that starts on PostgreSQL', () => {
  let database: TestDatabase;
  let daemon: RunningDaemon | undefined;
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(async () => {
    await daemon?.kill();
    daemon = undefined;
    await database.drop();
  });

  const start = async (parameters = '') =>
    (daemon = await startDaemon(['-backend', database.url + parameters, '-log-format', 'json']));
  const said = (pattern: RegExp) =>
    daemon!
      .output()
      .split('\n')
      .filter((line) => pattern.test(line));

  it('names the tables of a historic Go daemon in one line that points to the docs, and leaves them as they are', async () => {
    const tables = ['namespace', 'work_spec', 'work_unit', 'attempt', 'worker'];
    for (const table of tables) {
      await database.query(`CREATE TABLE public.${table} (id serial PRIMARY KEY, data text)`);
      await database.query(`INSERT INTO public.${table} (data) VALUES ('kept')`);
    }
    await database.query('CREATE TABLE public.unrelated (id int)');
    await start();
    const lines = said(/Go daemon/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\(attempt, namespace, work_spec, work_unit, worker\); see docs\/postgresql\.md/);
    for (const table of tables) {
      expect(await database.query(`SELECT * FROM public.${table}`)).toEqual([{ id: 1, data: 'kept' }]);
      expect(await database.query(`SELECT * FROM coordinate.${table}`)).toEqual([]);
    }
  });

  it('says nothing of Go tables where there are none, and what a commit waits for', async () => {
    await start();
    expect(said(/Go daemon/)).toEqual([]);
    // Its log may come after what tells that it listens.
    await expect.poll(() => said(/PostgreSQL 18\.\d+: fsync \w+, synchronous_commit on/)).toHaveLength(1);
  });

  it('warns when a commit waits for nothing, as its own sessions have it', async () => {
    await start(`?options=${encodeURIComponent('-c synchronous_commit=off')}`);
    const warnings = () => said(/synchronous_commit off; a crash may lose what was acknowledged/);
    await expect.poll(warnings).toHaveLength(1);
    expect(JSON.parse(warnings()[0])).toMatchObject({ level: 'warn' });
  });
});
