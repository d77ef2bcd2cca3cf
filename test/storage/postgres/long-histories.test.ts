import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import type { OpenBackend } from '../../contract/harness.js';
import { openOn, POSTGRES_LACKS } from '../../contract/postgres-harness.js';
import { World } from '../../contract/world.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

/** More attempts than one statement is to delete. */
const LONG = 2500;
/** So many that each unit has few, and all have too many for one statement. */
const FEW = 300;
const MANY = Array.from({ length: 8 }, (_, index) => `m${index}`);
/** Who waits for an advisory lock of this database. */
const WAITING = `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
  WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()`;

describe('units with very many attempts', () => {
  const w = new World({ lacks: POSTGRES_LACKS });
  let database: TestDatabase;
  let backend: OpenBackend;
  beforeAll(async () => {
    database = await createDatabase();
    backend = await openOn(database);
    await database.query('CREATE TABLE public.deletions (attempts bigint)');
    await database.query(`CREATE FUNCTION public.note_deletion() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); INSERT INTO public.deletions SELECT count(*) FROM gone; RETURN NULL; END $$`);
    await database.query(`CREATE TRIGGER note_deletion AFTER DELETE ON coordinate.attempt
      REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.note_deletion()`);
  });
  afterAll(() => backend?.close());
  beforeEach(async () => {
    await w.begin(backend);
    await w.spec('s');
    await w.add('s', 'long', 'short', 'kept', ...MANY);
    await addAttempts(['long'], LONG);
    await addAttempts(['kept', ...MANY], FEW);
    await database.query('DELETE FROM public.deletions');
  });

  /** Gives units so many attempts of the past each, as claims that expired would. */
  async function addAttempts(units: string[], attempts: number): Promise<void> {
    const names = units.map((name) => Buffer.from(name));
    await database.query(
      `INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, start, "end", expiration, status, worker, data)
       SELECT s.id, unit, -i, 0, 0, 0, 2, 'w', '\\xa0'
       FROM coordinate.work_spec s, unnest($1::bytea[]) unit, generate_series(1, $2::int) i`,
      [names, attempts],
    );
    await database.query('UPDATE coordinate.work_unit SET attempts = $2 WHERE name = ANY($1)', [names, attempts + 1]);
  }

  /** How many attempts of the past there are of each unit that has some. */
  async function attemptsLeft(): Promise<Record<string, number>> {
    const rows = await database.query(`SELECT convert_from(work_unit, 'UTF8') AS unit, count(*)::int
      FROM coordinate.attempt GROUP BY work_unit`);
    return Object.fromEntries(rows.map(({ unit, count }) => [String(unit), Number(count)]));
  }

  async function remove(...names: string[]): Promise<number> {
    return await w.units.delete(w.namespace, 's', { names });
  }

  async function largestDeletion(): Promise<number> {
    return Number((await database.query('SELECT max(attempts) FROM public.deletions'))[0].max);
  }

  const few = (names: string[]): Record<string, number> => Object.fromEntries(names.map((name) => [name, FEW]));

  it('go in one step, piece by piece, and others report meanwhile', async () => {
    const short = await w.make('w', 's', 'short');
    // Each statement that deletes waits for it.
    await database.query('SELECT pg_advisory_lock(1)');
    const deleting = remove('long');
    await expect.poll(() => database.query(WAITING), { timeout: 60_000 }).toHaveLength(1);
    await w.act(short, 'finish');
    expect(await attemptsLeft()).toMatchObject({ long: LONG });
    await database.query('SELECT pg_advisory_unlock(1)');
    expect(await deleting).toBe(1);
    expect(await attemptsLeft()).toEqual(few(['kept', ...MANY]));
    expect(await largestDeletion()).toBeLessThanOrEqual(2000);
  });

  it('go piece by piece where they have very many only together', async () => {
    const [one, ...others] = MANY;
    expect(await remove(...others)).toBe(others.length);
    // Each of these goes by a request of its own, in one transaction.
    await Promise.all([one, 'long', 'kept'].map((name) => remove(name)));
    expect(await attemptsLeft()).toEqual({});
    expect(await w.names('s')).toEqual(['short']);
    expect(await largestDeletion()).toBeLessThanOrEqual(2000);
  });

  it('are forgotten by retention piece by piece', async () => {
    for (const name of ['long', ...MANY]) await w.act(await w.make('w', 's', name), 'finish');
    await backend.repositories.maintenance.retain(new RetentionPolicy({ count: 0 }));
    expect(await w.names('s')).toEqual(['kept', 'short']);
    expect(await attemptsLeft()).toEqual(few(['kept']));
    expect(await largestDeletion()).toBeLessThanOrEqual(2000);
  });
});
