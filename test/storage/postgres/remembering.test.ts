import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import type { ClaimHints } from '../../../src/storage/postgres/batches/claim-hints.js';
import { DEFAULT_SIZES, PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { Recent } from '../../../src/storage/postgres/units/recent.js';
import type { SpecDirectory } from '../../../src/storage/postgres/units/spec-directory.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Connection } from '../../../src/storage/postgres/wire/connection.js';
import { Patience } from '../../../src/storage/postgres/wire/patience.js';
import type { StoreRepositories } from '../../contract/postgres-harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

describe('what a daemon remembers of the database', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let storage: StoreRepositories;
  let memory: { readonly directory: SpecDirectory; readonly hints: ClaimHints };
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await store.close();
    await database.drop();
  });

  /** @param specs - how many it remembers */
  async function open(specs?: number): Promise<void> {
    const options = await migrateDatabase(database);
    const patience = new Patience();
    const sizes = { ...DEFAULT_SIZES, specs };
    store = new PostgresStore(() => connect(options, patience), new Scheduler(() => 0), sizes, undefined, patience);
    storage = repositoriesOf(store);
    memory = store as unknown as typeof memory;
  }

  const setSpec = (namespace: string, name: string) => storage.specs.set(namespace, defineWorkSpec(encode({ name })));
  const add = (namespace: string, workSpec: string, names: readonly string[]) => {
    const units = names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 }));
    return storage.units.add(namespace, workSpec, units);
  };
  const claim = async (namespace: string, workSpecs?: string[]) => {
    const request = { worker: 'w', units: 1, lifetime: DEFAULT_LIFETIME, workSpecs };
    const { attempts } = await storage.attempts.claim(namespace, request);
    return attempts.map(({ workSpec, workUnit }) => `${workSpec} ${workUnit}`);
  };
  const finish = (namespace: string, workSpec: string, workUnit: string) => {
    const report = { workSpec, workUnit, status: 'finished' as const, lifetime: DEFAULT_LIFETIME };
    return storage.attempts.report(namespace, report);
  };

  it('has a bound, and what is forgotten is looked up again', async () => {
    await open(4);
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const namespace of names) {
      for (const name of names) {
        await setSpec(namespace, name);
        await add(namespace, name, ['u1', 'u2']);
      }
    }
    for (const namespace of [...names, ...names]) {
      for (const name of names) {
        const [given] = await claim(namespace, [name]);
        expect(given).toMatch(new RegExp(`^${name} u[12]$`));
        expect(await finish(namespace, name, given.slice(2))).toEqual({ changed: true });
        // The newest of each is kept in any case.
        expect(memory.directory.size).toBeLessThanOrEqual(4);
        expect(memory.hints.size).toBeLessThanOrEqual(names.length);
      }
    }
    expect(await storage.specs.counts('f', 'f')).toMatchObject({ finished: 2, available: 0 });
  });

  it('does not grow with specs that are deleted', async () => {
    await open();
    await setSpec('n', 'stays');
    for (let i = 0; i < 12; i++) {
      await setSpec('n', `run ${i}`);
      await add('n', `run ${i}`, ['u1', 'u2', 'u3']);
      expect(await claim('n', [`run ${i}`])).toHaveLength(1);
      expect(await claim('n', [`run ${i}`])).toHaveLength(1);
      await storage.specs.delete('n', `run ${i}`);
    }
    expect(memory.hints.size).toBeLessThanOrEqual(3);
  });

  it('has nobody hear that a spec is not there which another lane has just forgotten', async () => {
    await open();
    await setSpec('n', 's');
    await add('n', 's', ['u1', 'u2', 'u3']);
    for (let i = 0; i < 3; i++) await claim('n');
    const { directory } = memory;
    const id = directory.idOf({ namespace: 'n', workSpec: 's' })!;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its connection
    const original = Connection.prototype.runAlone;
    vi.spyOn(Connection.prototype, 'runAlone').mockImplementation(async function (this: Connection, statement) {
      const rows = await original.call(this, statement);
      directory.forgetSpec(id);
      return rows;
    });
    const renewal = { workSpec: 's', workUnit: 'u2', lifetime: DEFAULT_LIFETIME };
    // Together: one that ends an attempt, and one that does not.
    const answers = await Promise.all([finish('n', 's', 'u1'), storage.attempts.report('n', renewal)]);
    expect(answers).toEqual([{ changed: true }, { changed: true }]);
  });

  it('lists specs in windows, however many', async () => {
    await open();
    await setSpec('n', 's');
    await database.query(`INSERT INTO coordinate.work_spec
      (namespace_id, name, name_is_bytes, data, priority, weight, paused, continuous, can_be_continuous, min_memory_gb,
       interval_ns, next_continuous, max_running, max_attempts_returned, max_retries, next_work_spec_name, runtime,
       last_continuous, version)
      SELECT s.namespace_id, convert_to('s' || i, 'UTF8'), s.name_is_bytes, s.data, s.priority, s.weight, s.paused, s.continuous,
       s.can_be_continuous, s.min_memory_gb, s.interval_ns, s.next_continuous, s.max_running, s.max_attempts_returned,
       s.max_retries, s.next_work_spec_name, s.runtime, s.last_continuous, s.version
      FROM coordinate.work_spec s, generate_series(1, 1499) i`);
    const all = ['s', ...Array.from({ length: 1499 }, (_, i) => `s${i + 1}`)].sort();
    const names = async (window?: { start?: string; limit?: number }) =>
      (await storage.specs.list('n', window)).map(({ name }) => name);
    expect(await names()).toEqual(all);
    expect(await names({ start: 's1', limit: 700 })).toEqual(all.slice(1, 701));
    expect(await names({ limit: 500 })).toEqual(all.slice(0, 500));
    expect(await names({ start: 't' })).toEqual([]);
  });
});

describe('a map of what was used last', () => {
  it('lets go what has not been used for longest, by what it weighs, and never the newest', () => {
    const gone: string[] = [];
    const recent = new Recent<string, number>(
      10,
      (weight) => weight,
      (key) => void gone.push(key),
    );
    for (const key of ['a', 'b', 'c']) recent.set(key, 3);
    recent.get('a');
    recent.set('d', 4);
    expect(gone).toEqual(['b']);
    recent.set('c', 1);
    recent.set('e', 2);
    expect([gone, recent.size]).toEqual([['b'], 4]);
    recent.set('f', 99);
    expect([...recent.values()]).toEqual([99]);
    recent.delete('f');
    recent.delete('none');
    recent.set('g', 1);
    expect([...recent.values()]).toEqual([1]);
  });
});
