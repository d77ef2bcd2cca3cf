import { beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { changeAttempt, startAttempt } from '../../src/domain/attempt-rules.js';
import { ZERO_TIME } from '../../src/domain/time.js';
import { changeUnit, clearUnit, prioritizeUnit, putUnit, release, settle } from '../../src/domain/unit-rules.js';
import type { PlainUnit } from './plain-units.js';
import { PlainSpec, unit } from './plain-units.js';

const NOW = 1_000;
let spec: PlainSpec;
const add = (fields = {}, now = NOW): PlainUnit => {
  putUnit(spec, unit('u', fields), now);
  return spec.find('u')!;
};
const place = ({ status, moment }: PlainUnit) => [status, moment];
const start = (u: PlainUnit, now = NOW, lifetime = 100) => startAttempt(u, 'w', spec.nextNumber(), lifetime, now);

beforeEach(() => {
  spec = new PlainSpec();
});

describe('a unit that is added', () => {
  it.each([
    [{}, ['available', NOW]],
    [{ notBefore: NOW }, ['available', NOW]],
    [{ notBefore: NOW + 1 }, ['delayed', NOW + 1]],
    [{ delay: 5, notBefore: ZERO_TIME }, ['delayed', NOW + 5]],
    [{ delay: -5 }, ['available', NOW]],
  ])('waits as it says: %j', (fields, expected) => {
    expect(place(add(fields))).toEqual(expected);
  });

  it('stays pending when it is added again, with new content and a new count of tries', () => {
    const u = add();
    start(u);
    add({ data: encode({ new: 1 }), priority: 7, notBefore: NOW + 500 }, NOW + 1);
    expect(place(u)).toEqual(['pending', NOW + 100]);
    expect([u.priority, u.notBefore, u.tries, u.data]).toEqual([7, NOW + 500, 0, encode({ new: 1 })]);
    expect(u.latest!.data).toEqual(encode({ of: 'u' }));
  });

  it('has no active attempt when it is added again from any other status, and lateness ends', () => {
    for (const action of ['finish', 'fail'] as const) {
      const u = add();
      start(u);
      changeAttempt(u, u.latest!, true, action, {}, spec, NOW);
      add({}, NOW + 9);
      expect(place(u)).toEqual(['available', NOW + 9]);
    }
    const u = add();
    start(u);
    settle(u, NOW + 200);
    expect(u.latest!.late).toBe(true);
    add({ notBefore: NOW + 400 }, NOW + 300);
    expect([...place(u), u.latest!.late]).toEqual(['delayed', NOW + 400, false]);
  });

  it('keeps its place among those that wait when it is added again', () => {
    const u = add();
    add({}, NOW + 50);
    expect(place(u)).toEqual(['available', NOW]);
  });
});

describe('time', () => {
  it('ends a delay at its moment, whenever somebody looks', () => {
    const u = add({ delay: 50 });
    settle(u, NOW + 49);
    expect(place(u)).toEqual(['delayed', NOW + 50]);
    settle(u, NOW + 70);
    expect(place(u)).toEqual(['available', NOW + 50]);
  });

  it('ends a lease at its moment, whenever somebody looks: the attempt is late', () => {
    const u = add();
    start(u);
    settle(u, NOW + 99);
    expect(place(u)).toEqual(['pending', NOW + 100]);
    settle(u, NOW + 170);
    expect(place(u)).toEqual(['available', NOW + 100]);
    expect(u.latest).toMatchObject({ status: 'expired', end: NOW + 100, late: true });
    expect(spec.ends).toEqual([{ outcome: 'expired', start: NOW, end: NOW + 100 }]);
  });

  it.each([NOW + 100, NOW + 400])('leads to one place by one step or by two, looked at first at %d', (first) => {
    const u = add();
    start(u);
    add({ notBefore: NOW + 300 });
    settle(u, first);
    settle(u, NOW + 500);
    expect(place(u)).toEqual(['available', NOW + 300]);
  });

  it('does nothing to the others', () => {
    const u = add();
    for (const now of [NOW, NOW + 1e9]) settle(u, now);
    expect(place(u)).toEqual(['available', NOW]);
  });
});

describe('a change of a unit', () => {
  it('clears it: no active attempt, no lateness, no tries; one that waits goes on waiting', () => {
    const u = add();
    start(u);
    clearUnit(u, NOW + 3);
    expect([...place(u), u.tries, u.latest!.status]).toEqual(['available', NOW + 3, 0, 'pending']);
    clearUnit(u, NOW + 9);
    expect(place(u)).toEqual(['available', NOW + 3]);
  });

  it('sets when it may run, at once where nobody holds it', () => {
    const u = add();
    changeUnit(u, { notBefore: NOW + 80, priority: 3 }, NOW);
    expect([...place(u), u.priority]).toEqual(['delayed', NOW + 80, 3]);
    changeUnit(u, { notBefore: ZERO_TIME }, NOW + 5);
    expect(place(u)).toEqual(['available', NOW + 5]);
    start(u, NOW + 5);
    changeUnit(u, { notBefore: NOW + 80 }, NOW + 6);
    expect(u.status).toBe('pending');
    changeUnit(u, { clear: true, notBefore: NOW + 90 }, NOW + 7);
    expect(place(u)).toEqual(['delayed', NOW + 90]);
  });

  it('takes an available unit back that is not to run yet, since the clock was set back', () => {
    const u = add({ notBefore: NOW - 10 });
    release(u, NOW - 20);
    expect(place(u)).toEqual(['delayed', NOW - 10]);
  });

  it('sets its priority or adds to it', () => {
    const u = add({ priority: 1 });
    prioritizeUnit(u, { by: 2.5 });
    expect(u.priority).toBe(3.5);
    prioritizeUnit(u, { to: -1 });
    expect(u.priority).toBe(-1);
  });
});
