import fc from 'fast-check';
import { ByteString, Tuple } from '../../src/cbor/index.js';
import type { Encodable } from '../../src/cbor/index.js';
import type { WorkUnitQuery, WorkUnitStatus } from '../../src/domain/work-unit.js';
import { definition, metaChange, SPECS } from './definitions.js';
import type { ClaimAsk } from './reference/claim.js';
import type { Limit } from './reference/housekeeping.js';
import type { ReportAsk } from './reference/report.js';
import type { MetaChange } from './reference/specs.js';
import type { Data, SpecFields } from './reference/state.js';
import type { Action, Details } from './reference/transitions.js';
import type { WorkerAsk } from './reference/workers.js';

export const NAMESPACES = ['', 'n'] as const;
const UNITS = ['', 'a', 'a\x00', 'b', '\xff'] as const;
const WORKERS = ['w0', 'w1', 'w2', '\xff', ''] as const;
const SECOND = 1_000_000;

/** Where the clock goes before an operation: ahead by a span, to the next moment at which something happens, or back. */
export type Move = { by: number } | { next: number } | { back: number };

/** An operation on one namespace. Times are in microseconds from now; attempts are counted back from the latest. */
export type Operation =
  | { do: 'set spec'; spec: string; fields: SpecFields }
  | { do: 'change meta'; spec: string; change: MetaChange; nextIn?: number; strict: boolean }
  | { do: 'delete spec'; spec: string }
  | { do: 'clear specs' }
  | { do: 'destroy namespace' }
  | { do: 'add'; spec: string; units: { name: string; data: Data; priority: number; delay?: number; at?: number }[] }
  | { do: 'change unit'; spec: string; unit: string; priority?: number; at?: number; clear?: boolean; data?: Data }
  | { do: 'clear units' | 'delete units' | 'query'; spec: string; query: WorkUnitQuery }
  | { do: 'cancel units'; spec: string; query: WorkUnitQuery; release: boolean }
  /** The last one once more, as by a client whose connection broke before it had the answer. */
  | { do: 'repeat' }
  | { do: 'count'; spec: string }
  | { do: 'sum up' }
  /** What daemons do as often as something is due of a schedule. */
  | { do: 'start due' }
  | { do: 'run now'; spec: string }
  | { do: 'prioritize'; spec: string; query: WorkUnitQuery; change: { to: number } | { by: number } }
  | { do: 'claim'; ask: ClaimAsk; random: number }
  | { do: 'make'; spec: string; unit: string; worker: string; lifetime: number }
  | { do: 'transition'; back: number; action: Action; details: Details }
  | { do: 'transitions'; changes: { back: number; action: Action; details: Details }[] }
  | { do: 'report'; ask: ReportAsk }
  | { do: 'change worker'; worker: string; ask: WorkerAsk }
  | { do: 'ensure worker' | 'deactivate'; worker: string }
  | { do: 'retain'; finished: Limit; failed: Limit; workerAge?: number };

export interface Step {
  move: Move;
  namespace: string;
  operation: Operation;
}

const pick = fc.constantFrom;
const spec = pick(...SPECS, 's', 's', 's');
const unit = pick(...UNITS);
const worker = pick(...WORKERS);
const lifetime = fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * SECOND);
/** Lengths of leases where zero and less mean something. */
const anyLifetime = fc.oneof({ weight: 4, arbitrary: lifetime }, pick(0, -SECOND));

const plainData = fc.nat(9).map((v): Data => ({ v }));
const name = fc.oneof(
  { weight: 4, arbitrary: pick<Encodable>('a', 'b', 'd', new ByteString('\xff')) },
  pick<Encodable>(5, null, ''),
);
const unitMeta = pick<Encodable>(
  {},
  null,
  { priority: 3 },
  { delay: 2 },
  { priority: 1, delay: 1 },
  { priority: 'high' },
  7,
);
const item: fc.Arbitrary<Encodable> = fc.oneof(
  name,
  fc
    .tuple(name, fc.oneof({ weight: 5, arbitrary: plainData }, pick<Encodable>(null, 'bad', [])))
    .map(([...parts]) => parts),
  fc.tuple(name, plainData, unitMeta).map(([...parts]) => new Tuple<Encodable>(parts)),
  fc.tuple(name, plainData, unitMeta, pick<Encodable>(null, 4, -0.5, 'bad')).map(([...parts]) => parts),
  pick<Encodable>([], ['a'], ['a', {}, {}, 1, 2], true),
);
const output: fc.Arbitrary<Encodable> = fc.oneof(
  { weight: 5, arbitrary: fc.array(item, { maxLength: 4 }) },
  fc.array(item, { maxLength: 2 }).map((items) => new Tuple<Encodable>(items)),
  fc.dictionary(pick('a', 'd'), fc.oneof(plainData, pick<Encodable>(null, 3)), { noNullPrototype: true, maxKeys: 2 }),
  pick<Encodable>(null, 'a', 7),
);
const data: fc.Arbitrary<Data> = fc.oneof(
  { weight: 3, arbitrary: plainData },
  pick<Data>({}, { traceback: 'cause' }, { final: true }),
  {
    weight: 5,
    arbitrary: fc.record({ output }),
  },
);

const statuses = fc.subarray<WorkUnitStatus>(['available', 'delayed', 'pending', 'finished', 'failed']);
const query: fc.Arbitrary<WorkUnitQuery> = fc.record(
  {
    names: fc.array(pick(...UNITS, 'none'), { maxLength: 4 }),
    statuses,
    previous: pick(...UNITS),
    limit: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const added = fc.record(
  {
    name: unit,
    data,
    priority: pick(0, 0, 1, -2.5),
    delay: pick(0, 1, 3).map((s) => s * SECOND),
    at: pick(-1, 0, SECOND),
  },
  { requiredKeys: ['name', 'data', 'priority'] },
);
const action = pick<Action[]>('renew', 'expire', 'finish', 'finish', 'fail', 'retry', 'cancel', 'recall');
const details: fc.Arbitrary<Details> = fc.record(
  {
    data,
    duration: anyLifetime,
    delay: pick(0, 2 * SECOND),
    cause: pick('Never more', 'Once'),
    final: pick(true, false, false),
  },
  { requiredKeys: [] },
);
/** Mostly the latest attempts. */
const back = fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, fc.nat(30));
const limit: fc.Arbitrary<Limit> = fc.record(
  { age: fc.nat(9).map((s) => s * SECOND), count: fc.nat(2) },
  { requiredKeys: [] },
);

const ask: fc.Arbitrary<ClaimAsk> = fc.record(
  {
    worker,
    units: fc.integer({ min: 1, max: 4 }),
    lifetime,
    workSpecs: fc.subarray<string>([...SPECS, 'none']),
    runtimes: fc.subarray(['', 'go', 'rust']),
    availableGb: pick(0, 1, 1.5, 8),
  },
  { requiredKeys: ['worker', 'units', 'lifetime'] },
);

const of = <K extends Operation['do']>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: of('set spec'), spec, fields: definition }) },
  {
    weight: 3,
    arbitrary: fc.record(
      { do: of('change meta'), spec, change: metaChange, nextIn: pick(-1, 0, SECOND), strict: fc.boolean() },
      { requiredKeys: ['do', 'spec', 'change', 'strict'] },
    ),
  },
  { weight: 12, arbitrary: fc.record({ do: of('add'), spec, units: fc.array(added, { minLength: 1, maxLength: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record(
      { do: of('change unit'), spec, unit, priority: pick(0, 2), at: pick(-1, SECOND), clear: fc.boolean(), data },
      { requiredKeys: ['do', 'spec', 'unit'] },
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: pick('clear units', 'clear units', 'delete units', 'query'), spec, query }),
  },
  { weight: 3, arbitrary: fc.record({ do: of('cancel units'), spec, query, release: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: of('repeat') }) },
  { weight: 9, arbitrary: fc.record({ do: of('start due') }) },
  { weight: 1, arbitrary: fc.record({ do: of('run now'), spec }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: of('prioritize'), spec, query, change: pick({ to: 1 }, { by: 1 }, { by: -0.5 }) }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      do: of('claim'),
      random: fc.nat(63).map((n) => n / 64),
      ask,
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: of('make'), spec, unit, worker, lifetime }) },
  { weight: 24, arbitrary: fc.record({ do: of('transition'), back, action, details }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: of('transitions'),
      changes: fc.array(fc.record({ back, action, details }), { maxLength: 4 }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: of('report'),
      ask: fc.record(
        { spec, unit, status: pick('available', 'pending', 'finished', 'failed'), data, lifetime: anyLifetime, worker },
        { requiredKeys: ['spec', 'unit', 'lifetime'] },
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: of('change worker'),
      worker,
      ask: fc.record(
        {
          parent: fc.option(worker),
          update: fc.record(
            { data: plainData, mode: pick('', 'run'), lifetime: pick(0, SECOND, 5 * SECOND, 60 * SECOND) },
            { requiredKeys: [] },
          ),
          deactivate: pick(false, true),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: pick('ensure worker', 'deactivate'), worker }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { do: of('retain'), finished: limit, failed: limit, workerAge: pick(0, SECOND, 10 * SECOND) },
      { requiredKeys: ['do', 'finished', 'failed'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: of('delete spec'), spec }) },
      fc.record({ do: pick('clear specs', 'destroy namespace') }),
    ),
  },
);

/** The clock goes on, or stands still. */
const onward: fc.Arbitrary<Move> = fc.oneof(
  { weight: 16, arbitrary: pick<Move>({ by: 0 }) },
  { weight: 2, arbitrary: pick<Move>({ by: 1 }, { by: 1000 }, { by: SECOND }) },
  { weight: 2, arbitrary: pick<Move>({ next: 0 }, { next: 0 }, { next: -1 }, { next: 1 }) },
  pick<Move>({ by: 20 * SECOND }, { by: 20 * SECOND }, { by: 95 * SECOND }, { by: 3600 * SECOND }),
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 24, arbitrary: onward },
  {
    weight: 1,
    arbitrary: pick<Move>({ back: 1000 }, { back: 2 * SECOND }, { back: 40 * SECOND }, { back: 7200 * SECOND }),
  },
);

/** Most of what happens, happens in the first namespace, so that it is dense there. */
const namespace = fc.oneof({ weight: 12, arbitrary: fc.constant(NAMESPACES[0]) }, fc.constant(NAMESPACES[1]));

const step: fc.Arbitrary<Step> = fc.record({ move, namespace, operation });

/** Specs with units to begin with. */
function beginning(s: SpecFields, t: SpecFields): Step[] {
  const first = (operation: Operation): Step => ({ move: { by: 0 }, namespace: NAMESPACES[0], operation });
  const begin = (name: string, fields: SpecFields): Step[] => [
    first({ do: 'set spec', spec: name, fields }),
    first({
      do: 'add',
      spec: name,
      units: UNITS.map((one) => ({ name: one, data: { first: one.length }, priority: 0 })),
    }),
  ];
  return [...begin('s', s), ...begin('t', t)];
}

/** The draw of a claim that has to wait is made when another may have set its own point: so it is the same for all. */
const samePoint = (one: Operation): Operation => (one.do === 'claim' ? { ...one, random: 0.5 } : one);

/** What can be under way at once, each as one step to everybody: not what is many steps by its nature. */
const concurrent: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: operation
      .map(samePoint)
      .filter(
        (one) =>
          one.do !== 'query' &&
          one.do !== 'transitions' &&
          one.do !== 'retain' &&
          one.do !== 'start due' &&
          one.do !== 'repeat' &&
          !isDestruction(one),
      ),
  },
  { weight: 1, arbitrary: operation.filter(isDestruction) },
  { weight: 2, arbitrary: fc.record({ do: of('count'), spec }) },
  fc.record({ do: of('sum up') }),
);

function isDestruction(one: Operation): boolean {
  return one.do === 'delete spec' || one.do === 'clear specs' || one.do === 'destroy namespace';
}

/** Operations that begin at once, the clock having been moved. */
export interface Round {
  move: Move;
  steps: { namespace: string; operation: Operation }[];
}

/** Rounds of at most so many operations at once, after specs with units to begin with. */
export function rounds(most: number, atOnce: number): fc.Arbitrary<Round[]> {
  const begun = fc.record({ namespace, operation: concurrent });
  const round = fc.record({ move: onward, steps: fc.array(begun, { minLength: 1, maxLength: atOnce, size: 'max' }) });
  return fc
    .tuple(definition, definition, fc.array(round, { minLength: 1, maxLength: most, size: 'max' }))
    .map(([s, t, all]) => [...beginning(s, t).map(({ move, ...step }) => ({ move, steps: [step] })), ...all]);
}

/** Somebody begins to wait for work, or the one that has waited longest goes away. */
export type Waiting = { wait: ClaimAsk; namespace: string } | { leave: true };

/** Steps among which workers wait for work, after specs with units to begin with. */
export function waitingHistories(length: number): fc.Arbitrary<(Step | Waiting)[]> {
  const waiting = fc.oneof(
    { weight: 5, arbitrary: fc.record({ wait: ask, namespace }) },
    fc.record({ leave: fc.constant<true>(true) }),
  );
  const one = step.filter(
    ({ operation }) => operation.do !== 'transitions' && operation.do !== 'retain' && operation.do !== 'start due',
  );
  const drawn = one.map((each) => ({ ...each, operation: samePoint(each.operation) }));
  const each = fc.oneof({ weight: 3, arbitrary: drawn }, { weight: 1, arbitrary: waiting });
  return fc
    .tuple(definition, definition, fc.array(each, { minLength: 1, maxLength: length, size: 'max' }))
    .map(([s, t, steps]) => [...beginning(s, t), ...steps]);
}

/** Some days before clocks are changed in Europe, or in the night itself. */
const BEGINNINGS = [undefined, undefined, '2024-03-30T01:29:00.5Z', '2024-03-31T00:29:59Z', '2024-10-27T00:10:00Z'];

/** A history to try: specs with units to begin with, at a moment of the calendar, then so many steps. */
export function histories(start: number, length: number): fc.Arbitrary<Step[]> {
  const steps = fc.array(step, { minLength: 1, maxLength: length, size: 'max' });
  return fc.tuple(pick(...BEGINNINGS), definition, definition, steps).map(([begin, s, t, steps]) => {
    const [first, ...others] = beginning(s, t);
    const by = begin === undefined ? 0 : Date.parse(begin) * 1000 - start;
    return [{ ...first, move: { by } }, ...others, ...steps];
  });
}
