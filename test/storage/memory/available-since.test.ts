import { beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import type { Attempt, AttemptRef } from '../../../src/domain/attempt.js';
import { SECOND } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { MemoryAttemptRepository } from '../../../src/storage/memory/memory-attempt.repository.js';
import { MemoryStore } from '../../../src/storage/memory/memory-store.js';
import { MemoryWorkSpecRepository } from '../../../src/storage/memory/memory-work-spec.repository.js';
import { MemoryWorkUnitRepository } from '../../../src/storage/memory/memory-work-unit.repository.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { ManualClock } from '../../contract/memory-harness.js';

const START = 1_700_000_000_000_000;

describe('since when a unit has been available', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let units: MemoryWorkUnitRepository;
  let attempts: MemoryAttemptRepository;

  beforeEach(() => {
    clock = new ManualClock();
    clock.time = START;
    store = new MemoryStore(clock);
    units = new MemoryWorkUnitRepository(store);
    attempts = new MemoryAttemptRepository(store, new Scheduler(() => 0));
    new MemoryWorkSpecRepository(store).set('n', defineWorkSpec(encode({ name: 's' })));
  });

  const add = (name: string, delay?: number): void =>
    void units.add('n', 's', [{ name, data: EMPTY_DATA, priority: 0, delay }]);
  const make = (workUnit: string): AttemptRef =>
    attempts.make('n', { worker: 'w', workSpec: 's', workUnit, lifetime: 5 * SECOND }) as Attempt;
  /** Of the unit that has waited longest, in seconds after the start. */
  const oldest = (): number | undefined => {
    const { work } = store.spec('n', 's');
    work.settle(clock.time);
    const since = work.oldestAvailable();
    return since === undefined ? undefined : (since - START) / SECOND;
  };
  const wait = (seconds: number): void => void (clock.time += seconds * SECOND);

  it('is nothing where none is', () => {
    expect(oldest()).toBeUndefined();
    add('later', 9 * SECOND);
    make('later');
    expect(oldest()).toBeUndefined();
  });

  it('is when it was added', () => {
    wait(2);
    add('u');
    wait(7);
    add('v');
    expect(oldest()).toBe(2);
    make('u');
    expect(oldest()).toBe(9);
  });

  it('is when its delay was over, not when somebody looked', () => {
    add('u', 3 * SECOND);
    wait(20);
    expect(oldest()).toBe(3);
  });

  it('is when its lease ran out, not when somebody looked', () => {
    add('u');
    wait(1);
    make('u');
    wait(20);
    expect(oldest()).toBe(6);
  });

  it('is when its attempt gave it back, or it was cleared', () => {
    add('u');
    const attempt = make('u');
    wait(2);
    void attempts.change('n', { ref: attempt, action: 'expire' });
    expect(oldest()).toBe(2);
    make('u');
    wait(1);
    void units.clear('n', 's', {});
    expect(oldest()).toBe(3);
  });

  it('does not change while it stays available, whatever is set or added again', () => {
    add('u');
    wait(4);
    add('u');
    void units.change('n', 's', 'u', { priority: 3, notBefore: START + SECOND, clear: true });
    expect(oldest()).toBe(0);
  });

  it('is right when a lease and an earlier delay have run out since the last look', () => {
    add('leased');
    make('leased');
    add('delayed', 3 * SECOND);
    wait(20);
    expect(oldest()).toBe(3);
    make('delayed');
    expect(oldest()).toBe(5);
  });

  it('is when both its lease and its delay were over', () => {
    add('u');
    make('u');
    void units.change('n', 's', 'u', { notBefore: START + 8 * SECOND });
    add('v', 7 * SECOND);
    wait(20);
    expect(oldest()).toBe(7);
    make('v');
    expect(oldest()).toBe(8);
  });

  it('begins anew when it was delayed meanwhile', () => {
    add('u');
    wait(1);
    add('u', 2 * SECOND);
    wait(4);
    expect(oldest()).toBe(3);
  });
});
