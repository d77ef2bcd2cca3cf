import { beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { MemoryMaintenanceRepository } from '../../../src/storage/memory/memory-maintenance.repository.js';
import { MemoryStore } from '../../../src/storage/memory/memory-store.js';
import { MemoryWorkerRepository } from '../../../src/storage/memory/memory-worker.repository.js';
import { EVERY_STEP, ManualClock } from '../../contract/memory-harness.js';

const SECOND = 1e6;
const MANY = 60;

describe(`of ${MANY} workers, where every step is a slice,`, () => {
  const clock = new ManualClock();
  let store: MemoryStore;
  let workers: MemoryWorkerRepository;
  const name = (index: number): string => `w${String(index).padStart(2, '0')}`;
  const names = Array.from({ length: MANY }, (_, index) => name(index));
  const isListed = async (query = {}): Promise<string[]> => {
    const list = await workers.list('n', query);
    return list.map((worker) => worker.name);
  };

  beforeEach(() => {
    clock.time = 1_700_000_000 * SECOND;
    store = new MemoryStore(clock, undefined, EVERY_STEP);
    workers = new MemoryWorkerRepository(store);
    for (const each of names) {
      const update = { mode: 'run', data: encode({}), lifetime: 10 * SECOND };
      workers.change('n', each, { parent: each === name(0) ? null : name(0), update });
    }
  });

  /** In how many turns of the event loop something is done. */
  async function turnsOf(act: () => unknown): Promise<number> {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await act();
    isDone = true;
    return turns;
  }

  it.each<[string, () => unknown]>([
    ['the list', () => isListed()],
    ['the numbers', () => workers.stats('n')],
  ])('%s lets others in between', async (_, read) => {
    expect(await turnsOf(read)).toBeGreaterThanOrEqual(MANY / 2);
  });

  it('each is there when many run out at once, and not active, before that has taken effect and after', async () => {
    clock.time += 10 * SECOND;
    expect(workers.find('n', name(0))).toBeInstanceOf(Promise);
    expect(await isListed({ active: true })).toEqual([]);
    expect(await workers.stats('n')).toEqual({ workers: 0, children: 0 });
    expect(await isListed()).toEqual(names);
    expect(await turnsOf(() => store.find('n')!.workers.settled(clock.time))).toBeLessThan(MANY);
    expect(await isListed({ active: true })).toEqual([]);
  });

  it('their end takes effect in slices, while some come back and others are deactivated', async () => {
    clock.time += 10 * SECOND;
    const directory = store.find('n')!.workers;
    const settling = directory.settled(clock.time);
    workers.change('n', name(20), { update: { lifetime: 1_000 * SECOND } });
    workers.deactivate('n', name(30));
    workers.change('n', name(40), { deactivate: true });
    workers.change('n', 'x', { update: { lifetime: 20 * SECOND } });
    workers.deactivate('n', 'x');
    expect(await isListed({ active: true })).toEqual([name(20)]);
    await settling;
    expect(await isListed({ active: true })).toEqual([name(20)]);
    // Each of those that ran out is there once to be removed, and the others not at all.
    clock.time += 5 * SECOND;
    for (const each of names) workers.change('n', each, { parent: null });
    const maintenance = new MemoryMaintenanceRepository(store);
    const policy: RetentionPolicy = { finished: {}, failed: {}, workers: { age: 5 * SECOND } };
    expect(await maintenance.retain(policy)).toMatchObject({ workers: MANY });
    expect(await isListed()).toEqual([name(20)]);
  });

  it('old records go in slices', async () => {
    for (const each of names) workers.change('n', each, { parent: null });
    clock.time += 20 * SECOND;
    await store.find('n')!.workers.settled(clock.time);
    const maintenance = new MemoryMaintenanceRepository(store);
    const policy: RetentionPolicy = { finished: {}, failed: {}, workers: { count: 10 } };
    expect(await turnsOf(() => maintenance.retain(policy))).toBeGreaterThanOrEqual(MANY - 10);
    expect(await isListed()).toHaveLength(10);
  });
});
