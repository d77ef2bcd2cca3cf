import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { nextTurn, Slices } from '../../src/timing/slices.js';

/** Long work of so many steps; tells `log` who it is at the start of each of its slices. */
async function longWork(name: string, steps: number, log: string[]): Promise<void> {
  const slices = new Slices(1);
  log.push(name);
  for (let step = 0; step < steps; step++) {
    const until = performance.now() + 0.05;
    while (performance.now() < until);
    if (slices.isOver(64)) {
      await slices.next();
      log.push(name);
    }
  }
}

describe('long work in slices', () => {
  it('lets several pieces of long work go on in turn', async () => {
    const log: string[] = [];
    await Promise.all([longWork('a', 200, log), longWork('b', 200, log)]);
    const middle = log.slice(2, 8);
    expect(middle).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('lets one of them go on in each turn of the event loop', async () => {
    let wentOn = 0;
    const all = Promise.all(Array.from({ length: 5 }, () => nextTurn().then(() => wentOn++)));
    const seen: number[] = [];
    while (wentOn < 5) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(wentOn);
    }
    await all;
    for (let i = 1; i < seen.length; i++) expect(seen[i] - seen[i - 1]).toBeLessThanOrEqual(1);
  });

  it('has all that begin in one turn share its time', async () => {
    let steps = 0;
    const all = Promise.all(
      Array.from({ length: 50 }, async () => {
        const slices = new Slices();
        for (let step = 0; step < 40; step++) {
          const until = performance.now() + 0.05;
          while (performance.now() < until);
          steps++;
          if (slices.isOver(64)) await slices.next();
        }
      }),
    );
    // 200 of 0.05 ms are ten milliseconds; each that comes late does one.
    expect(steps).toBeLessThanOrEqual(200 + 50);
    await all;
    expect(steps).toBe(50 * 40);
  });

  it('looks at the clock now and then only', () => {
    const slices = new Slices(0);
    const looks = Array.from({ length: 128 }, () => slices.isOver());
    expect(looks.filter(Boolean)).toHaveLength(2);
    expect(slices.isOver(1_000)).toBe(true);
  });
});
