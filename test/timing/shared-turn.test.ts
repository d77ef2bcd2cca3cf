import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SharedTurn } from '../../src/timing/shared-turn.js';

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it('lets as many go on in a turn as it has time for, and the others in the next ones, in their order', async () => {
  const turn = new SharedTurn();
  const done: number[] = [];
  const come = (who: number): void => {
    const take = (): void => {
      work(3);
      done.push(who);
    };
    if (turn.isOver) turn.hold(take);
    else take();
  };
  for (let who = 0; who < 20; who++) come(who);
  // Of 3 ms each no more than four begin in 8.
  expect(done.length).toBeLessThanOrEqual(4);
  const turns = [done.length];
  while (done.length < 40) {
    // Somebody who comes later does not overtake those who wait.
    if (turns.length <= 20) come(19 + turns.length);
    await nextTurn();
    turns.push(done.length);
  }
  expect(done).toEqual(Array.from({ length: 40 }, (_, who) => who));
  for (let at = 1; at < turns.length; at++) expect(turns[at] - turns[at - 1]).toBeLessThanOrEqual(8);
});

it('has whoever goes on and has more to do wait for another turn', async () => {
  const turn = new SharedTurn();
  const log: string[] = [];
  const goOn = (who: string, left: number): void => {
    for (; left > 0; left--) {
      if (turn.isOver) return turn.hold(() => goOn(who, left));
      work(5);
      log.push(who);
    }
  };
  goOn('a', 8);
  goOn('b', 8);
  while (log.length < 16) await nextTurn();
  expect(log.slice(0, 8)).toContain('b');
  expect(log.filter((who) => who === 'a')).toHaveLength(8);
});

it('is long over some time after it is over, and neither in the next turn', async () => {
  const turn = new SharedTurn();
  const begun = performance.now();
  expect([turn.isOver, turn.isLongOver]).toEqual([false, false]);
  while (!turn.isOver);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(8 - 1);
  while (!turn.isLongOver);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(8 + 4 - 1);
  await nextTurn();
  expect([turn.isOver, turn.isLongOver]).toEqual([false, false]);
});

it('lets somebody go on who waits without having asked whether it is over', async () => {
  const turn = new SharedTurn();
  let isOn = false;
  turn.hold(() => (isOn = true));
  await nextTurn();
  await nextTurn();
  expect(isOn).toBe(true);
  expect(turn.isOver).toBe(false);
});

it('has those who have much to do take turns of a millisecond, and lets those go first who wait for the first time', async () => {
  const turn = new SharedTurn();
  const log: string[] = [];
  let isStopped = false;
  const goOn = (who: string): void => {
    log.push(who);
    do work(0.1);
    while (!turn.isOver);
    if (!isStopped) turn.hold(() => goOn(who), true);
  };
  const many = Array.from({ length: 100 }, (_, who) => String(who));
  for (const who of many) turn.hold(() => goOn(who), true);
  await nextTurn();
  await nextTurn();
  // One has not taken the time of all.
  expect(log.length).toBeGreaterThan(1);
  const before = log.length;
  turn.hold(() => log.push('new'));
  await nextTurn();
  await nextTurn();
  expect(log.indexOf('new')).toBe(before);
  // Nor do those who are new keep the others from going on.
  const busy = (): void => {
    work(20);
    if (!isStopped) turn.hold(busy);
  };
  busy();
  while (new Set(log).size <= many.length) await nextTurn();
  isStopped = true;
});

it('is crowded when thousands of short ones come in one turn, and not when they come in many', async () => {
  const turn = new SharedTurn();
  for (let at = 0; at < 1_000; at++) {
    expect(turn.isCrowded).toBe(false);
    if (at % 10 === 0) await nextTurn();
    work(0.1);
  }
  await nextTurn();
  const begun = performance.now();
  let done = 0;
  for (; !turn.isCrowded; done++) work(0.05);
  expect(performance.now() - begun).toBeGreaterThan(8 + 4);
  expect(done).toBeGreaterThan(0);
  expect(turn.isCrowded).toBe(true);
  await nextTurn();
  expect(turn.isCrowded).toBe(false);
});

it('has one that comes behind thousands wait for a few of them, and keeps the first of them waiting no longer', async () => {
  const turn = new SharedTurn();
  const done: number[] = [];
  const come = (who: number): void =>
    turn.hold(() => {
      work(0.5);
      done.push(who);
    });
  for (let who = 0; who < 1_000; who++) come(who);
  await nextTurn();
  await nextTurn();
  come(1_000);
  const before = done.length;
  while (!done.includes(1_000)) await nextTurn();
  expect(done.indexOf(1_000) - before).toBeLessThan(100);
  while (done.length < 1_001) await nextTurn();
  // Those that came first come every second time, for as long as there are very many.
  const early = done.filter((who) => who < 400);
  expect(early).toEqual(Array.from({ length: 400 }, (_, who) => who));
  expect(new Set(done).size).toBe(1_001);
});
