import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode, Float } from '../../src/cbor/index.js';
import type {
  SnapshotAttempt,
  SnapshotHead,
  SnapshotRecord,
  SnapshotSpec,
  SnapshotUnit,
  SnapshotWorker,
} from '../../src/domain/snapshot.js';
import { LAST_TIME, ZERO_TIME } from '../../src/domain/time.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { DumpError } from '../../src/snapshots/dump-format.js';
import { readDump } from '../../src/snapshots/dump-reader.js';
import { dumpOf } from '../../src/snapshots/dump-writer.js';
import type { BackendHarness, OpenBackend } from '../contract/harness.js';
import { memoryHarness } from '../contract/memory-harness.js';
import { postgresHarness } from '../contract/postgres-harness.js';
import { observe } from '../model/observation.js';
import { sized } from '../support/full-size.js';

const NOW = 1_700_000_000_000_000;
const YEAR = 365 * 24 * 3600 * 1e6;

const spec = defineWorkSpec(encode({ name: 's', then: 't' }));
const HEAD: SnapshotHead = { kind: 'head', takenAt: NOW, lastAttemptNumber: 9, units: 4 };
const SPEC: SnapshotSpec = { kind: 'work spec', definition: spec };
const FREE: SnapshotUnit = {
  kind: 'work unit',
  name: 'a',
  data: encode({ url: 'x' }),
  priority: 1.5,
  notBefore: ZERO_TIME,
  status: 'available',
  moment: NOW - 5,
  tries: 0,
};
const DELAYED: SnapshotUnit = { ...FREE, name: 'b', status: 'delayed', notBefore: NOW + 5, moment: NOW + 5 };
const PENDING: SnapshotUnit = { ...FREE, name: 'c', status: 'pending', moment: NOW + 100, tries: 2 };
const FINISHED: SnapshotUnit = { ...FREE, name: 'd', status: 'finished', moment: NOW - 3, tries: 1 };
const LATE: SnapshotUnit = { ...FREE, name: 'e', tries: 1 };
const FIRST: SnapshotAttempt = {
  kind: 'attempt',
  number: 2,
  worker: 'w',
  status: 'failed',
  start: NOW - 20,
  end: NOW - 10,
  expiration: NOW + 50,
  late: false,
  data: encode({ traceback: 'no' }),
};
const LEASED: SnapshotAttempt = {
  ...FIRST,
  number: 3,
  status: 'pending',
  start: NOW - 10,
  end: ZERO_TIME,
  expiration: NOW + 100,
};
const DONE: SnapshotAttempt = { ...FIRST, number: 1, status: 'finished', end: NOW - 3 };
const EXPIRED: SnapshotAttempt = { ...FIRST, number: 5, status: 'expired', end: NOW - 5, late: true };
const WORKER: SnapshotWorker = {
  kind: 'worker',
  name: 'v',
  mode: 'run',
  data: encode({ host: 'h' }),
  lastUpdate: NOW,
  expiration: NOW + 1000,
  deactivated: false,
  reported: true,
};
const CHILD: SnapshotWorker = {
  ...WORKER,
  name: 'w',
  parent: 'v',
  lastClaim: NOW - 10,
  claim: { workSpec: 's', first: 3, last: 3 },
};

const VALID: readonly SnapshotRecord[] = [
  HEAD,
  { kind: 'namespace', name: '' },
  SPEC,
  FREE,
  DELAYED,
  PENDING,
  FIRST,
  LEASED,
  FINISHED,
  DONE,
  LATE,
  EXPIRED,
  WORKER,
  CHILD,
];

/** The valid dump with one record in place of another, or several. */
function withChange<T extends SnapshotRecord>(
  record: T,
  ...instead: (Partial<T> | SnapshotRecord)[]
): SnapshotRecord[] {
  return VALID.flatMap((each) => (each === record ? instead.map((other) => ({ ...record, ...other })) : [each]));
}

/** Stands for 1e300 while a dump is written: what writes dumps knows integers of 64 bits at most. */
const MARK = 0x12_3456_789a_bcde;
const MARK_BYTES = Buffer.from('1b00123456789abcde', 'hex');

/** The bytes of a dump whose counts and checksum are right. */
async function* bytesOf(records: readonly SnapshotRecord[]): AsyncGenerator<Buffer> {
  const written = records.map((record) => {
    const entries = Object.entries(record).map(([field, value]: [string, unknown]) => [
      field,
      value === 1e300 ? MARK : value,
    ]);
    return Object.fromEntries(entries) as SnapshotRecord;
  });
  const chunks: Buffer[] = [];
  for await (const chunk of dumpOf([written])) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const huge = Buffer.concat([Buffer.from('fb', 'hex'), encode(new Float(1e300)).subarray(1)]);
  for (let at = bytes.indexOf(MARK_BYTES); at >= 0; at = bytes.indexOf(MARK_BYTES, at)) huge.copy(bytes, at);
  digestOf(bytes).copy(bytes, bytes.length - 32);
  yield bytes;
}

/** Of all before the last item. */
function digestOf(bytes: Buffer): Buffer {
  return createHash('sha256')
    .update(bytes.subarray(0, bytes.lastIndexOf(Buffer.from('8763656e64', 'hex'))))
    .digest();
}

async function refusalOf(records: readonly SnapshotRecord[]): Promise<string> {
  try {
    for await (const some of readDump(bytesOf(records))) expect(some.length).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(DumpError);
    return (error as DumpError).message;
  }
  return 'accepted';
}

const LONG = 'x'.repeat(5_000);
/** A dictionary of lists in lists. */
const nested = (depth: number): Buffer =>
  Buffer.concat([Buffer.from('a16161', 'hex'), Buffer.alloc(depth - 1, 0x81), Buffer.from('00', 'hex')]);

describe('a dump with the right checksum that a storage can not have written', () => {
  it('is told from one that it can', async () => {
    expect(await refusalOf(VALID)).toBe('accepted');
  });

  const definition = (change: Partial<SnapshotSpec['definition']['meta']>) => ({
    definition: { ...spec, meta: { ...spec.meta, ...change } },
  });
  it.each<[string, SnapshotRecord[], RegExp]>([
    ['a time of 1e300', withChange(HEAD, { takenAt: 1e300 }), /taken_at is 1e\+300, not a moment/],
    ['numbers without end', withChange(HEAD, { lastAttemptNumber: 2 ** 53 - 1 }), /last_attempt_number is 9007/],
    ['a long namespace', withChange(VALID[1], { name: LONG }), /namespace "x{100}", .*: the name is 5000 bytes long/],
    ['a namespace twice', withChange(VALID[1], {}, {}), /it is there twice/],
    ['a long work spec', withChange(SPEC, { definition: { ...spec, name: LONG } }), /work spec "x+" .* 5000 bytes/],
    ['another name', withChange(SPEC, { definition: { ...spec, name: 't' } }), /its data name another/],
    ['no name', withChange(SPEC, { definition: { ...spec, data: encode({}) } }), /data: No 'name' key/],
    ['a fraction of a priority', withChange(SPEC, definition({ priority: 0.5 })), /priority is not a whole number/],
    ['no weight', withChange(SPEC, definition({ weight: NaN })), /weight is not a whole number/],
    ['a greater limit than numbers', withChange(SPEC, definition({ maxRunning: 1e300 })), /max_running is not/],
    ['memory without end', withChange(SPEC, definition({ minMemoryGb: Infinity })), /min_memory_gb is not a finite/],
    ['another then', withChange(SPEC, definition({ nextWorkSpecName: 'x' })), /next_work_spec_name is not what/],
    ['an impossible continuity', withChange(SPEC, definition({ continuous: true })), /continuous and can not be/],
    [
      'a long unit',
      withChange(FREE, { name: LONG }),
      /work unit "x{100}" of work spec "s" of namespace "", up to byte \d+/,
    ],
    ['a unit twice', withChange(FREE, {}, {}), /work unit "a" of work spec "s" .*: it is there twice/],
    ['units out of order', withChange(FREE, { name: 'bb' }), /work unit "b" .*: it comes after one of a greater name/],
    ['a NaN priority', withChange(FREE, { priority: NaN }), /work unit "a" .*: priority is not a finite number/],
    ['a unit of 1e300', withChange(FREE, { notBefore: 1e300 }), /work unit "a" .*: not_before is 1e\+300/],
    ['a moment before the year 1', withChange(FREE, { moment: ZERO_TIME - 1000 }), /moment is -/],
    ['data that are a list', withChange(FREE, { data: encode([1]) }), /data are not a dictionary/],
    ['no data', withChange(FREE, { data: Buffer.alloc(0) }), /data are not a dictionary/],
    ['two dictionaries', withChange(FREE, { data: Buffer.from('a0a0', 'hex') }), /data are more than a dictionary/],
    ['half a dictionary', withChange(FREE, { data: Buffer.from('a1', 'hex') }), /work unit "a" .*: data: /],
    ['nesting of 5,000', withChange(FREE, { data: nested(5_000) }), /work unit "a" .*: data: nesting deeper than 512/],
    ['pending without an attempt', withChange(FREE, { status: 'pending' }), /it is pending, and it has no attempt/],
    [
      'a finished one that failed',
      withChange(DONE, { status: 'failed' }),
      /it is finished, and its last attempt is failed/,
    ],
    ['another lease', withChange(PENDING, { moment: NOW + 7 }), /pending with another moment than its last attempt/],
    ['another delay', withChange(DELAYED, { moment: NOW + 7 }), /delayed until another moment/],
    ['more tries than attempts', withChange(FREE, { tries: 1 }), /1 tries of 0 attempts/],
    ['a number that is to come', withChange(LEASED, { number: 10 }), /number is 10, not from 0 to 9/],
    ['a number of 0', withChange(DONE, { number: 0 }), /number is 0/],
    ['a number twice', withChange(DONE, { number: 3 }), /work unit "d" .*: number 3 is another attempt's too/],
    ['numbers that fall', withChange(FIRST, { number: 4 }), /number 3 follows number 4/],
    ['two that are late', withChange(EXPIRED, {}, { number: 6 }), /attempt 5 is late, and another has come after it/],
    ['one that is late and holds', withChange(LEASED, { late: true }), /work unit "c" .*: its last attempt is late/],
    ['pending and over', withChange(LEASED, { end: NOW }), /pending and has ended/],
    ['a long worker of an attempt', withChange(FIRST, { worker: LONG }), /work unit "c" .*: worker is 5000 bytes long/],
    ['an attempt of 1e300', withChange(FIRST, { expiration: 1e300 }), /expiration is 1e\+300/],
    [
      'nesting in an attempt',
      withChange(FIRST, { data: nested(600) }),
      /work unit "c" .*: the data of an attempt: nesting deeper/,
    ],
    [
      'a long worker',
      withChange(WORKER, { name: LONG }),
      /worker "x{100}" of namespace "", up to byte \d+: the name is/,
    ],
    ['a worker twice', withChange(CHILD, {}, {}), /worker "w" .*: it is there twice/],
    ['a worker below itself', withChange(WORKER, { parent: 'w' }), /worker "[vw]" is below itself/],
    ['a worker of 1e300', withChange(WORKER, { expiration: 1e300 }), /worker "v" .*: expiration is 1e\+300/],
    ['deactivated and active', withChange(WORKER, { deactivated: true }), /deactivated and active/],
    [
      'a claim to come',
      withChange(CHILD, { claim: { workSpec: 's', first: 3, last: 30 } }),
      /last number of claim is 30/,
    ],
  ])('is refused in a line that says where: %s', async (_, records, line) => {
    expect(await refusalOf(records)).toMatch(line);
  });

  it('may nest data as deep as a message may', async () => {
    expect(await refusalOf(withChange(FREE, { data: nested(512) }))).toBe('accepted');
    expect(await refusalOf(withChange(FREE, { data: nested(513) }))).toMatch(/nesting deeper/);
  });
});

const moments = [
  ZERO_TIME,
  ZERO_TIME - 1e6,
  NOW - 5,
  NOW,
  NOW + 5,
  NOW + 50,
  NOW + 100,
  LAST_TIME,
  LAST_TIME * 2,
  1e300,
];
const numbers = [-1, 0, 1, 2, 3, 5, 9, 10, 1e15, 1e300];
const names = ['', 'a', 'b', 'c', 'v', 'w', 'z', 'x'.repeat(1024), LONG];
const dictionaries = [encode({}), encode([]), encode({ a: 1 }), Buffer.alloc(0), nested(512), nested(5_000)];

/** What each field is changed to. */
const HOSTILE: Readonly<Record<string, readonly unknown[]>> = {
  name: names,
  worker: names,
  parent: [...names, undefined],
  data: dictionaries,
  startData: [...dictionaries, undefined],
  priority: [NaN, -0, Infinity, 1e300, -5],
  status: ['available', 'delayed', 'pending', 'finished', 'failed', 'expired', 'retryable'],
  late: [true, false],
  deactivated: [true, false],
  reported: [true, false],
  tries: numbers,
  number: numbers,
  lastAttemptNumber: numbers,
  inactiveSince: [...moments, undefined],
  ...Object.fromEntries(
    ['takenAt', 'notBefore', 'moment', 'start', 'end', 'expiration', 'lastUpdate', 'lastClaim'].map((field) => [
      field,
      moments,
    ]),
  ),
};

interface Change {
  readonly do: 'set' | 'drop' | 'again' | 'swap';
  readonly at: number;
  /** Of a record that is set: which one of its fields, and to which hostile value. */
  readonly field: number;
  readonly to: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  do: fc.constantFrom('set', 'set', 'set', 'set', 'set', 'drop', 'again', 'swap'),
  at: fc.nat(),
  field: fc.nat(),
  to: fc.nat(),
});

function changed(records: readonly SnapshotRecord[], each: Change): SnapshotRecord[] {
  const at = each.at % records.length;
  const record = records[at];
  if (each.do === 'drop') return records.toSpliced(at, 1);
  if (each.do === 'again') return records.toSpliced(at, 0, record);
  if (each.do === 'swap') return records.toSpliced(at, 2, ...records.slice(at, at + 2).reverse());
  const fields = Object.keys(record).filter((field) => field in HOSTILE);
  if (fields.length === 0) return [...records];
  const field = fields[each.field % fields.length];
  const values = HOSTILE[field];
  return records.with(at, { ...record, [field]: values[each.to % values.length] });
}

/** The rules of the model that hold whatever happened before, asked from outside. */
async function audit({ repositories }: OpenBackend): Promise<void> {
  const { specs, units, workers } = repositories;
  for (const namespace of await repositories.namespaces.list()) {
    for (const { name } of await specs.list(namespace)) {
      const counts: Record<string, number> = { available: 0, delayed: 0, pending: 0, finished: 0, failed: 0 };
      for (const unit of await units.list(namespace, name, {})) {
        counts[unit.status]++;
        expect(unit.name.length).toBeLessThanOrEqual(1024);
        expect(Number.isFinite(unit.priority)).toBe(true);
        const active = unit.activeAttempt?.status;
        expect(active).toBe(['available', 'delayed'].includes(unit.status) ? undefined : unit.status);
        const attempts = await units.attempts(namespace, name, unit.name);
        expect(await units.numAttempts(namespace, name, unit.name)).toBe(attempts.length);
        for (const time of attempts.flatMap(({ start, end, expiration }) => [start, end, expiration])) {
          expect(time >= ZERO_TIME && time <= LAST_TIME).toBe(true);
        }
      }
      expect(await specs.counts(namespace, name)).toMatchObject(counts);
    }
    for (const worker of await workers.list(namespace, {})) expect(worker.name.length).toBeLessThanOrEqual(1024);
  }
}

function describeHostile(harness: BackendHarness, numRuns: number): void {
  describe(`what a changed dump makes of ${harness.name}`, () => {
    let backend: OpenBackend;
    beforeAll(async () => {
      backend = await harness.open();
    });
    afterAll(() => backend?.close());

    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      await backend.reset();
      await backend.setClock(NOW);
      const records = changes.reduce(changed, [...VALID]);
      const { snapshots } = backend.repositories;
      try {
        await snapshots.restore(readDump(bytesOf(records)));
      } catch (error) {
        expect(error).toBeInstanceOf(DumpError);
        expect((error as DumpError).message).toMatch(/up to byte \d+: |^(taken_at|last_attempt_number|not a dump)/);
        const held = await snapshots.read(async (all) => {
          let specs = 0;
          for await (const some of all) specs += some.filter(({ kind }) => kind === 'work spec').length;
          return specs;
        });
        expect(held).toBe(0);
        return;
      }
      const namespaces = [''];
      for (const time of [NOW, NOW + YEAR]) {
        await backend.setClock(time);
        await audit(backend);
        await observe(backend.repositories, namespaces, false);
      }
      // What is left of the work can be claimed, each once.
      const { attempts, specs } = backend.repositories;
      const claim = { worker: 'claimer', units: 100, lifetime: 1e6 };
      const given = (await attempts.claim('', claim)).attempts.map(({ workUnit }) => workUnit);
      expect(new Set(given).size).toBe(given.length);
      if ((await specs.list('')).length > 0) expect(await specs.counts('', 's')).toMatchObject({ available: 0 });
      await audit(backend);
    });

    it('is nothing, and a line that says where, or a storage in which the rules hold', async () => {
      await fc.assert(property, { numRuns });
    });
  });
}

describeHostile(memoryHarness, sized(1_500, 100));
describeHostile(postgresHarness('18'), sized(60, 4));

it('a checksum is made as the page on the format says', async () => {
  const chunks: Buffer[] = [];
  for await (const chunk of dumpOf([VALID])) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  expect(bytes.subarray(-32)).toEqual(digestOf(bytes));
});
