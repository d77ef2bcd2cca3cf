import { describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { DEFAULT_LIFETIME } from '../../src/domain/time.js';
import type { WorkerPort } from '../../src/domain/worker-rules.js';
import {
  checkParent,
  deactivateWorker,
  hearOf,
  isWorkerActive,
  mayBeForgotten,
  newWorkerTimes,
} from '../../src/domain/worker-rules.js';

const NOW = 1_700_000_000_000_000;
const made = (active = true, now = NOW): WorkerPort => ({ ...newWorkerTimes(now, active), reported: false });

describe('a new record of a worker', () => {
  it('is active for 15 minutes, and to the microsecond not longer', () => {
    expect(isWorkerActive(made(), NOW + DEFAULT_LIFETIME - 1)).toBe(true);
    expect(isWorkerActive(made(), NOW + DEFAULT_LIFETIME)).toBe(false);
    expect(made().inactiveAt).toBe(NOW + DEFAULT_LIFETIME);
  });

  it('of one that is only named is not active', () => {
    expect(isWorkerActive(made(false), NOW)).toBe(false);
    expect(made(false).inactiveAt).toBe(NOW);
  });
});

describe('a worker that is heard of', () => {
  it('is active from then on, for as long as it says', () => {
    const worker = made(false);
    hearOf(worker, { lifetime: 7, mode: 'run', data: encode({ a: 1 }) }, NOW + 100);
    expect(worker).toEqual({
      lastUpdate: NOW + 100,
      expiration: NOW + 107,
      inactiveAt: NOW + 107,
      deactivated: false,
      reported: true,
      mode: 'run',
      data: encode({ a: 1 }),
    });
  });

  it('keeps its times while it is active where it asks for that, and what it does not say', () => {
    const worker = { ...made(), mode: 'idle' };
    hearOf(worker, { keepTimes: true }, NOW + 100);
    expect(worker).toMatchObject({ lastUpdate: NOW, expiration: NOW + DEFAULT_LIFETIME, mode: 'idle' });
    hearOf(worker, { keepTimes: true, expiration: NOW + 200 }, NOW + 100);
    expect(worker).toMatchObject({ lastUpdate: NOW, expiration: NOW + 200 });
    hearOf(worker, { keepTimes: true }, NOW + 200);
    expect(worker).toMatchObject({ lastUpdate: NOW + 200, expiration: NOW + 200 + DEFAULT_LIFETIME });
  });

  it('is not active where what it says is over already, from now on', () => {
    const worker = made();
    hearOf(worker, { expiration: NOW - 5 }, NOW + 1);
    expect(isWorkerActive(worker, NOW + 1)).toBe(false);
    expect(worker.inactiveAt).toBe(NOW + 1);
  });
});

describe('a worker that is deactivated', () => {
  it('is so from now on, and one that was gone from when it was', () => {
    const [active, gone] = [made(), made(true, NOW - 2 * DEFAULT_LIFETIME)];
    deactivateWorker(active, NOW + 1);
    deactivateWorker(gone, NOW + 1);
    expect([active.inactiveAt, gone.inactiveAt]).toEqual([NOW + 1, NOW - DEFAULT_LIFETIME]);
    expect(isWorkerActive(active, NOW + 1)).toBe(false);
  });
});

describe('a parent', () => {
  it('is neither the worker nor below it', () => {
    expect(() => checkParent('a', 'b', false)).not.toThrow();
    expect(() => checkParent('a', 'a', false)).toThrow('must not be the worker itself');
    expect(() => checkParent('a', 'b', true)).toThrow('must not be a descendant of the worker');
  });
});

describe('a record that may be forgotten', () => {
  it('is of nobody who has children or work', () => {
    const asked = [true, false].flatMap((isParent) => [true, false].map((isAtWork) => [isParent, isAtWork] as const));
    expect(asked.filter(([isParent, isAtWork]) => mayBeForgotten(isParent, () => isAtWork))).toEqual([[false, false]]);
  });
});
