import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { SECOND } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import type { WorkUnitStatus } from '../../../src/domain/work-unit.js';
import type { Repositories } from '../../contract/harness.js';
import { memoryRepositories } from '../../../src/storage/memory/memory-repositories.js';
import { ManualClock } from '../../contract/memory-harness.js';
import { sized } from '../../support/full-size.js';

/** A size at which everything fits the caches, and one ten or a hundred times larger at which going over all would show. */
const SMALL = 10_000;
const LARGE = sized(1_000_000, 100_000);
/** Operations of a kind that are timed at each size. */
const SAMPLES = 2_000;
/** Memory that is not in the caches is slower by some factor; a cost in proportion to the units would be one of 10 at least. */
const DEARER = 6;

/** Costs in microseconds of processor time for one operation, which other processes do not disturb. */
interface Costs {
  add: number;
  claim: number;
  finish: number;
  fail: number;
  giveBack: number;
  expire: number;
  endDelay: number;
  windowOfFailed: number;
  windowOfNames: number;
  counts: number;
  summary: number;
  addAgain: number;
  remove: number;
  /** The dearest call that adds a thousand, in terms of the median one. */
  dearestAdd: number;
  /** Of the first half of the units, and of the second. */
  bytesPerUnit: [number, number];
}

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memory(): number {
  collectGarbage();
  collectGarbage(); // what the first one found dead is given back by the second
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Cost of one of `count` operations, the least of five batches. */
function costOf(count: number, operation: (index: number) => unknown): number {
  const batch = count / 5;
  const costs = Array.from({ length: 5 }, (_, turn) =>
    processorTime(() => {
      for (let index = turn * batch; index < (turn + 1) * batch; index++) operation(index);
    }),
  );
  return Math.min(...costs) / batch;
}

const nameOf = (index: number): string => `unit ${String(index * 7_919).padStart(12, '0')}`;

async function measure(size: number): Promise<Costs> {
  const clock = new ManualClock();
  clock.time = 1_700_000_000_000_000;
  const { specs, units, attempts, namespaces }: Repositories = memoryRepositories(clock, { random: () => 0.5 });
  const ask = { worker: 'worker', units: 1, lifetime: 3600 * SECOND };
  void specs.set('n', defineWorkSpec(encode({ name: 's' })));

  const data = encode({ url: 'https://example.org/page', depth: 3 });
  const memoryAt: number[] = [];
  const calls: number[] = [];
  for (let start = 0; start < size; start += 1000) {
    if (start % (size / 2) === 0) memoryAt.push(memory());
    const batch = Array.from({ length: 1000 }, (_, index) => ({ name: nameOf(start + index), data, priority: 0 }));
    calls.push(processorTime(() => units.add('n', 's', batch)));
  }
  memoryAt.push(memory());
  const bytesIn = (half: number): number => (memoryAt[half + 1] - memoryAt[half]) / (size / 2);
  const sorted = [...calls].sort((a, b) => a - b);
  const add = calls.reduce((sum, cost) => sum + cost, 0) / size;
  const dearestAdd = sorted[sorted.length - 1] / sorted[sorted.length >> 1];

  // Names are added in order and claimed in order: those claimed first are at the front, the others in the middle.
  const middle = (index: number): string => nameOf((size >> 1) + index);
  const report = (workUnit: string, status: 'finished' | 'failed' | 'available'): unknown =>
    attempts.report('n', { workSpec: 's', workUnit, status, lifetime: SECOND });
  const claim = costOf(SAMPLES, () => attempts.claim('n', ask));
  const finish = costOf(SAMPLES, (index) => report(nameOf(index), 'finished'));
  const fail = costOf(SAMPLES, (index) => report(middle(index), 'failed'));
  await attempts.claim('n', { ...ask, units: SAMPLES });
  const giveBack = costOf(SAMPLES, (index) => report(nameOf(SAMPLES + index), 'available'));
  const windowOfFailed = costOf(SAMPLES, (index) => {
    const query = {
      statuses: ['failed'] as WorkUnitStatus[],
      previous: index % 2 ? undefined : middle(index),
      limit: 10,
    };
    return units.listNames('n', 's', query);
  });
  const windowOfNames = costOf(SAMPLES, (index) => units.list('n', 's', { previous: nameOf(index), limit: 10 }));
  const counts = costOf(SAMPLES, () => specs.counts('n', 's'));
  const summary = costOf(SAMPLES, () => namespaces.summarize());
  const addAgain = costOf(SAMPLES, (index) => units.add('n', 's', [{ name: middle(index), data, priority: 1 }]));

  const due = 5_000;
  await attempts.claim('n', { ...ask, units: due, lifetime: SECOND });
  clock.time += SECOND;
  const expire = processorTime(() => specs.counts('n', 's')) / due;
  const delayed = Array.from({ length: due }, (_, index) => ({
    name: `delayed ${index}`,
    data,
    priority: 0,
    delay: SECOND,
  }));
  await units.add('n', 's', delayed);
  clock.time += SECOND;
  const endDelay = processorTime(() => specs.counts('n', 's')) / due;
  expect(specs.counts('n', 's')).toMatchObject({ delayed: 0, pending: 0, finished: SAMPLES, failed: 0 });
  const remove = costOf(SAMPLES, (index) => units.delete('n', 's', { names: [middle(index)] }));
  expect(namespaces.summarize()).toMatchObject([{ status: 'available' }, { status: 'finished', count: SAMPLES }]);

  return {
    add,
    claim,
    finish,
    fail,
    giveBack,
    expire,
    endDelay,
    windowOfFailed,
    windowOfNames,
    counts,
    summary,
    addAgain,
    remove,
    dearestAdd,
    bytesPerUnit: [bytesIn(0), bytesIn(1)],
  };
}

type Operation = Exclude<keyof Costs, 'bytesPerUnit' | 'dearestAdd'>;
const OPERATIONS: readonly Operation[] = [
  'add',
  'claim',
  'finish',
  'fail',
  'giveBack',
  'expire',
  'endDelay',
  'windowOfFailed',
  'windowOfNames',
  'counts',
  'summary',
  'addAgain',
  'remove',
];

/** Other machines on the same hardware take its caches for seconds at a time: the sizes are measured by turns. */
const ROUNDS = 3;

/** What each operation cost where it was cheapest. */
function cheapest([first, ...others]: readonly Costs[]): Costs {
  const costs = { ...first };
  for (const operation of OPERATIONS)
    costs[operation] = Math.min(first[operation], ...others.map((other) => other[operation]));
  return costs;
}

describe(`a spec of ${LARGE} units, compared with one of ${SMALL}`, () => {
  let small: Costs;
  let large: Costs;
  beforeAll(async () => {
    await measure(SMALL); // compiles the code
    const rounds: { small: Costs; large: Costs }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ small: await measure(SMALL), large: await measure(LARGE) });
    small = cheapest(rounds.map((round) => round.small));
    large = cheapest(rounds.map((round) => round.large));
  });

  it.each(OPERATIONS)('costs about as much for one operation: %s', (operation) => {
    expect(large[operation] / Math.max(small[operation], 0.5)).toBeLessThan(DEARER);
  });

  it('takes no call out of proportion to the others while it grows', () => {
    expect(large.dearestAdd).toBeLessThan(40);
  });

  it('takes at most 400 bytes for each unit, and for the second half no more than for the first', () => {
    const [first, second] = large.bytesPerUnit;
    expect(first).toBeLessThan(400);
    // What has just been made larger has room to spare, which only many units make small.
    expect(second).toBeLessThan(sized(1.25 * first, 400));
  });
});
