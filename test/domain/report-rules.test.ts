import { beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { changeAttempt, startAttempt } from '../../src/domain/attempt-rules.js';
import type { WorkUnitReport } from '../../src/domain/report.js';
import { applyReport } from '../../src/domain/report-rules.js';
import { putUnit, settle } from '../../src/domain/unit-rules.js';
import type { PlainUnit } from './plain-units.js';
import { PlainSpec, unit } from './plain-units.js';

const NOW = 1_000;
const LEASE = 100;
let spec: PlainSpec;
let u: PlainUnit;

beforeEach(() => {
  spec = new PlainSpec();
  putUnit(spec, unit('u'), NOW);
  u = spec.find('u')!;
});

const report = (fields: Partial<WorkUnitReport>, now = NOW, name = 'u') =>
  applyReport(spec.find(name), { workSpec: 's', workUnit: name, lifetime: LEASE, ...fields }, spec, now);
const start = (worker = 'w') => startAttempt(u, worker, spec.nextNumber(), LEASE, NOW);
const history = () => u.history.map(({ worker, status }) => `${worker} ${status}`);

describe('a report', () => {
  it('on a unit that is not there changes nothing, yet tells of its worker', () => {
    expect(report({ worker: 'w' }, NOW, 'x')).toEqual({ changed: false, reason: 'no such work unit' });
    expect([...spec.workers]).toEqual(['w']);
  });

  it('of another worker than the one that holds the unit changes nothing', () => {
    start();
    expect(report({ worker: 'v', status: 'finished' })).toEqual({
      changed: false,
      reason: 'held by another',
      holder: 'w',
    });
    expect(report({ worker: 'w', status: 'finished' })).toEqual({ changed: true });
    expect(u.status).toBe('finished');
  });

  it('renews a lease, or gives the unit back', () => {
    start();
    expect(report({ lifetime: 500 }, NOW + 1)).toEqual({ changed: true });
    expect([u.status, u.moment, u.latest!.expiration]).toEqual(['pending', NOW + 501, NOW + 501]);
    expect(report({ status: 'available' }, NOW + 2)).toEqual({ changed: true });
    expect([u.status, ...history()]).toEqual(['available', 'w expired']);
    expect(report({})).toEqual({ changed: false });
    expect(report({ status: 'available' })).toEqual({ changed: true });
  });

  it('gives the unit back for later, which is a retry', () => {
    start();
    expect(report({ status: 'available', delay: 70 }, NOW + 2)).toEqual({ changed: true });
    expect([u.status, u.notBefore, u.tries, ...history()]).toEqual(['delayed', NOW + 72, 1, 'w retryable']);
  });

  it('replaces the data of a unit that nobody holds, and ends lateness', () => {
    start();
    settle(u, NOW + LEASE);
    expect(report({ data: encode({ new: 1 }) }, NOW + 200)).toEqual({ changed: true });
    expect([u.data, u.latest!.late, u.tries]).toEqual([encode({ new: 1 }), false, 0]);
  });

  it('clears a unit that has ended, and is refused where it says that it is pending', () => {
    start();
    report({ status: 'failed' });
    expect(report({ status: 'pending' })).toEqual({ changed: false, reason: 'refused', unit: 'failed' });
    expect(report({ status: 'available' })).toEqual({ changed: true });
    expect([u.status, ...history()]).toEqual(['available', 'w failed']);
  });

  it('lets a success win over a failure', () => {
    start();
    report({ status: 'failed' });
    expect(report({ status: 'finished' })).toEqual({ changed: true });
    expect([u.status, ...history()]).toEqual(['finished', 'w finished']);
  });
});

describe('what is brought home', () => {
  const late = () => {
    start();
    settle(u, NOW + LEASE);
  };

  it.each(['pending', 'finished', 'failed'] as const)('is the late attempt: %s', (status) => {
    late();
    expect(report({ status, worker: 'w' }, NOW + 200)).toEqual({ changed: true });
    expect([u.status, ...history()]).toEqual([status, `w ${status}`]);
  });

  it('is the late attempt where the worker does not say who it is', () => {
    late();
    report({ status: 'finished' }, NOW + 200);
    expect(history()).toEqual(['w finished']);
  });

  it('is a new attempt for another worker, and where the latest is not late', () => {
    late();
    report({ status: 'failed', worker: 'v' }, NOW + 200);
    expect(history()).toEqual(['w expired', 'v failed']);
    expect(u.history[0].late).toBe(false);
    report({ status: 'available' }, NOW + 201);
    report({ status: 'finished' }, NOW + 202);
    expect(history()).toEqual(['w expired', 'v failed', 'v finished']);
    expect([...spec.workers]).toEqual(['v']);
  });

  it('is of the worker with the empty name where nobody had the unit', () => {
    report({ status: 'finished' });
    expect(history()).toEqual([' finished']);
  });

  it('goes where it is to go even when its lease is over already', () => {
    report({ status: 'finished', lifetime: -5 });
    expect([u.status, u.latest!.expiration, ...history()]).toEqual(['finished', NOW, ' finished']);
  });

  it('gives the unit back at once when it is to be pending for no time', () => {
    report({ status: 'pending', lifetime: 0 });
    expect([u.status, ...history()]).toEqual(['available', ' expired']);
    expect(u.latest!.late).toBe(false);
  });

  it('has not begun when there is no room for what it brings', () => {
    spec.next = new PlainSpec();
    spec.isFull = true;
    u.data = encode({ output: ['o'] });
    expect(() => report({ status: 'finished', worker: 'v' })).toThrow('full');
    expect(() => report({ status: 'failed', worker: 'v', data: encode({}) })).toThrow('full');
    expect([u.status, u.tries, ...history()]).toEqual(['available', 0]);
    spec.isFull = false;
    report({ status: 'finished', worker: 'v' });
    expect([...spec.next.units.keys()]).toEqual(['o']);
  });

  it('counts as a try, whoever has started it before', () => {
    start();
    changeAttempt(u, u.latest!, true, 'retry', { delay: 0 }, spec, NOW);
    report({ status: 'failed' });
    expect(u.tries).toBe(2);
  });
});
