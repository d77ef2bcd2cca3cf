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
  expect([turn.isOver, turn.isLongOver]).toEqual([false, false]);
  const begun = performance.now();
  while (!turn.isOver);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(8 - 1);
  while (!turn.isLongOver);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(8 + 12 - 1);
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
