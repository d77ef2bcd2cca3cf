import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import type { ClaimRequest } from '../../../src/domain/attempt.js';
import {
  awaitsOwnUnit,
  canRun,
  claimSize,
  hasWork,
  holdsUntil,
  isHandedOut,
  makesOwnUnit,
  mayRunMore,
} from '../../../src/domain/scheduler/eligibility.js';
import { SECOND } from '../../../src/domain/time.js';
import { defineWorkSpec, type WorkSpecMeta } from '../../../src/domain/work-spec.js';

const { meta: DEFAULTS } = defineWorkSpec(encode({ name: 's' }));
const meta = (some: Partial<WorkSpecMeta>): WorkSpecMeta => ({ ...DEFAULTS, ...some });
const asking = (some: Partial<ClaimRequest>): ClaimRequest => ({ worker: 'w', units: 1, lifetime: SECOND, ...some });

describe('a work spec', () => {
  it('is handed out unless it is paused or has no weight', () => {
    expect(isHandedOut(meta({}))).toBe(true);
    expect(isHandedOut(meta({ paused: true }))).toBe(false);
    expect(isHandedOut(meta({ weight: 0 }))).toBe(false);
  });

  it('is for who names its runtime, or none, and has the memory, or says nothing of it', () => {
    const spec = meta({ runtime: 'go', minMemoryGb: 2 });
    expect(canRun(spec, asking({}))).toBe(true);
    expect(canRun(spec, asking({ runtimes: [], availableGb: 0 }))).toBe(true);
    expect(canRun(spec, asking({ runtimes: ['python', 'go'], availableGb: 2 }))).toBe(true);
    expect(canRun(spec, asking({ runtimes: ['python'] }))).toBe(false);
    expect(canRun(spec, asking({ availableGb: 1.9 }))).toBe(false);
  });

  it('may run no more than max_running at once', () => {
    const supply = { available: 9, pending: 3 };
    expect(mayRunMore(meta({ maxRunning: 0 }), supply)).toBe(true);
    expect(mayRunMore(meta({ maxRunning: 4 }), supply)).toBe(true);
    expect(mayRunMore(meta({ maxRunning: 3 }), supply)).toBe(false);
  });

  it('gives a claim no more than its limits leave', () => {
    const supply = { available: 9, pending: 3 };
    expect(claimSize(meta({}), 5, supply)).toBe(5);
    expect(claimSize(meta({ maxAttemptsReturned: 2 }), 5, supply)).toBe(2);
    expect(claimSize(meta({ maxAttemptsReturned: 4, maxRunning: 4 }), 5, supply)).toBe(1);
  });

  it('that is continuous gives itself a unit when none is available or pending', () => {
    const continuous = meta({ continuous: true });
    expect(awaitsOwnUnit(continuous, { available: 0, pending: 0 })).toBe(true);
    expect(awaitsOwnUnit(continuous, { available: 1, pending: 0 })).toBe(false);
    expect(awaitsOwnUnit(continuous, { available: 0, pending: 1 })).toBe(false);
    expect(awaitsOwnUnit(meta({}), { available: 0, pending: 0 })).toBe(false);
  });
});

describe('what a work spec has to give', () => {
  const none = { available: 0, pending: 0 };

  it('is what is available, unless as many are pending as may be', () => {
    expect(hasWork(meta({}), none, 5)).toBe(false);
    expect(hasWork(meta({ maxRunning: 2 }), { available: 9, pending: 1 }, 5)).toBe(true);
    expect(hasWork(meta({ maxRunning: 2 }), { available: 9, pending: 2 }, 5)).toBe(false);
  });

  it('is a unit of its own once that is due, if it is continuous and without work', () => {
    const own = meta({ continuous: true, nextContinuous: 7 });
    expect([6, 7, 8].map((now) => hasWork(own, none, now))).toEqual([false, true, true]);
    expect([makesOwnUnit(own, none, 7), makesOwnUnit(own, { available: 0, pending: 1 }, 7)]).toEqual([true, false]);
    expect(holdsUntil(own, none, 9)).toBe(7);
    expect(holdsUntil(own, { available: 1, pending: 0 }, 9)).toBe(9);
  });
});
