import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { Connection } from '../../../src/storage/postgres/wire/connection.js';
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

describe('units with very many attempts', () => {
  const w = new World({ lacks: POSTGRES_LACKS });
  let database: TestDatabase;
  let backend: OpenBackend;
  beforeAll(async () => {
    database = await createDatabase();
    backend = await openOn(database);
    await database.query('CREATE TABLE public.deletions (attempts bigint)');
    await database.query(`CREATE FUNCTION public.note_deletion() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.deletions SELECT count(*) FROM gone; RETURN NULL; END $$`);
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
    const ended: string[] = [];
    const sent = vi.spyOn(Connection.prototype, 'run');
    const deleting = remove('long').then((count) => ended.push(`long ${count}`));
    while (sent.mock.calls.length === 0) await new Promise(setImmediate);
    sent.mockRestore();
    const seen = new Set<number | undefined>();
    const watching = (async () => {
      while (ended.length < 2) seen.add((await attemptsLeft()).long);
    })();
    await w.act(short, 'finish').then(() => ended.push('short'));
    await Promise.all([deleting, watching]);
    expect(ended).toEqual(['short', 'long 1']);
    expect([...seen].every((attempts) => attempts === undefined || attempts === LONG)).toBe(true);
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
