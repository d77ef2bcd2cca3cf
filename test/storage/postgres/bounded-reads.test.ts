import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeValue, encode } from '../../../src/cbor/index.js';
import { writeSpecs } from '../../../src/cbor-rpc/handlers/spec-answers.js';
import { AnswerPieces, AnswerRoom } from '../../../src/cbor-rpc/large-answer.js';
import { MemoryGate } from '../../../src/cbor-rpc/memory-gate.js';
import { RpcStatistics } from '../../../src/cbor-rpc/rpc-statistics.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Connection } from '../../../src/storage/postgres/wire/connection.js';
import type { Row } from '../../../src/storage/postgres/wire/statement.js';
import { WorkSpecsService } from '../../../src/work-specs/work-specs.service.js';
import { readPage } from '../../../src/work-units/rest/dto/work-unit-page.js';
import type { StoreRepositories } from '../../contract/postgres-harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

const KB = 1000;
const MIB = 2 ** 20;
const SPECS = 200;
const SPEC_BYTES = 40 * KB;
const UNITS = 100;
const UNIT_BYTES = 200 * KB;
const ATTEMPTS = 2_500;

/** However much clients have made, no statement of those that read it brings it all at once. */
describe('what is read', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let storage: StoreRepositories;
  /** The most that one statement has brought, in bytes of data: the text that comes has two characters for each. */
  let most: number;
  let statements: number;

  beforeAll(async () => {
    database = await createDatabase();
    const options = await migrateDatabase(database);
    store = new PostgresStore(() => connect(options), new Scheduler(Math.random));
    storage = repositoriesOf(store);
    const { specs, units, attempts } = storage;
    const data = encode({ name: 'name', text: 'x'.repeat(SPEC_BYTES) });
    for (let i = 0; i < SPECS; i++) {
      await specs.set('large', { ...defineWorkSpec(data), name: `s${String(i).padStart(3, '0')}` });
    }
    await specs.set('n', defineWorkSpec(encode({ name: 's' })));
    const large = encode({ text: 'x'.repeat(UNIT_BYTES) });
    for (let i = 0; i < UNITS; i++) await units.add('n', 's', [{ name: `u${i}`, data: large, priority: 0 }]);
    await specs.set('n', defineWorkSpec(encode({ name: 'tried' })));
    await units.add('n', 'tried', [{ name: 'u', data: EMPTY_DATA, priority: 0 }]);
    await attempts.make('n', { worker: 'w', workSpec: 'tried', workUnit: 'u', lifetime: DEFAULT_LIFETIME });
    await database.query(
      `INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
       SELECT s.id, 'u', -i, 'w', i, i, i, 4, $1 FROM coordinate.work_spec s, generate_series(0, ${ATTEMPTS - 1}) i
       WHERE s.name = 'tried'`,
      [encode({ text: 'x'.repeat(10 * KB) })],
    );
    // They are to come before the one that is the unit's own, and behind 0.
    await database.query(`UPDATE coordinate.attempt SET number = number + 1000000`);
    await database.query(`UPDATE coordinate.work_unit SET attempt_number = 2000000 WHERE attempt_number IS NOT NULL`);
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });
  beforeEach(() => {
    most = statements = 0;
    const note = (results: Row[][]): Row[][] => {
      for (const rows of results) {
        statements++;
        let chars = 0;
        for (const row of rows) for (const text of row) chars += text?.length ?? 0;
        most = Math.max(most, chars / 2);
      }
      return results;
    };
    // eslint-disable-next-line @typescript-eslint/unbound-method -- they are called with their connection
    const { run, runTogether } = Connection.prototype;
    vi.spyOn(Connection.prototype, 'run').mockImplementation(async function (this: Connection, all) {
      return note(await run.call(this, all));
    });
    vi.spyOn(Connection.prototype, 'runTogether').mockImplementation(async function (this: Connection, all, isProbe) {
      return note(await runTogether.call(this, all, isProbe));
    });
  });
  afterEach(() => vi.restoreAllMocks());

  async function listed(room: number, start: string | undefined, limit: number): Promise<[string[], string | null]> {
    const gate = new MemoryGate(4 * room, new RpcStatistics());
    const to = new AnswerPieces(new AnswerRoom(gate, { isGone: false }));
    await writeSpecs(to, { specs: new WorkSpecsService(storage.specs), namespace: 'large' }, start, limit);
    const [specs, next] = decodeValue(Buffer.concat(to.end())) as unknown as [ReadonlyMap<string, unknown>[], string];
    return [specs.map((spec) => String(spec.get('name'))), next];
  }

  it('of large specs for one list is about half a megabyte at a time', async () => {
    const [specs, next] = await listed(64 * MIB, undefined, Infinity);
    expect(specs).toHaveLength(SPECS);
    expect(next).toBeNull();
    expect(most).toBeLessThan(512 * 1024 + 2 * SPEC_BYTES);
    expect(await listed(64 * MIB, 's050', 120)).toEqual([expect.objectContaining({ length: 120 }), 's170']);
    expect((await listed(64 * MIB, 's199x', 120))[0]).toEqual([]);
  });

  it('of more specs than there is room for is how many they are, and nothing else', async () => {
    await expect(listed(MIB, undefined, Infinity)).rejects.toThrow('the answer would have more than');
    expect(most).toBeLessThan(20 * KB);
  });

  it('of a snapshot is some megabytes at a time, from the first statement on', async () => {
    const kinds = new Map<string, number>();
    await storage.snapshots.read(async (records) => {
      for await (const some of records) for (const { kind } of some) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    });
    expect(Object.fromEntries(kinds)).toEqual({
      head: 1,
      namespace: 2,
      'work spec': SPECS + 2,
      'work unit': UNITS + 1,
      attempt: ATTEMPTS + 1,
      worker: 1,
    });
    expect(most).toBeLessThan(4 * MIB + 2 * UNIT_BYTES);
    // A spec of few units is read by one statement.
    expect(statements).toBeLessThan(2 * SPECS + 60);
  });

  it('of units for a page with their data is no more than the page shows', async () => {
    const { units } = storage;
    const page = (names?: string[]) =>
      readPage(
        { limit: 90, names },
        { measure: (query) => units.measure('n', 's', query), list: (query) => units.list('n', 's', query) },
      );
    const all = Array.from({ length: UNITS }, (_, i) => `u${i}`).sort();
    for (const names of [undefined, all]) {
      const { units: shown, moreBehind } = await page(names);
      expect(shown.map(({ name }) => name)).toEqual(all.slice(0, shown.length));
      expect(shown.length).toBeGreaterThan(40);
      expect(shown.length).toBeLessThan(45);
      expect(moreBehind).toBe(shown.at(-1)!.name);
      expect(most).toBeLessThan(8 * MIB + 2 * UNIT_BYTES);
    }
    const last = await readPage(
      { limit: 1000, previous: all[79] },
      { measure: (query) => units.measure('n', 's', query), list: (query) => units.list('n', 's', query) },
    );
    expect(last.units.map(({ name }) => name)).toEqual(all.slice(80));
    expect(last.moreBehind).toBeUndefined();
  });

  it('of the many attempts at a unit is what a window shows, and one attempt for one', async () => {
    const history = await storage.units.history('n', 'tried', 'u');
    const numbers: number[] = [];
    for (let window = [{ number: 0 }]; window.length > 0;) {
      window = await history.next(1000);
      numbers.push(...window.map(({ number }) => number));
    }
    expect(numbers).toHaveLength(ATTEMPTS + 1);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(most).toBeLessThan(150 * KB);
    most = 0;
    const [start, number] = [ATTEMPTS - 1, 1_000_001 - ATTEMPTS];
    const ref = { workSpec: 'tried', workUnit: 'u', worker: 'w', number, start };
    expect(await storage.attempts.get('n', ref)).toMatchObject({ number, status: 'retryable' });
    expect(most).toBeLessThan(11 * KB);
  });
});
