import type { SpecOverview } from 'coordinate-daemon/backend';
import { COUNTED, drainedAt, HOUR, MINUTE, RATE_MINUTES, SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { START } from '../world.js';

export function describeOverview(w: World): void {
  const read = async () => await w.repositories.overview.read(w.namespace);
  const specs = async () => (await read()).specs;
  const recent = ({ recent }: SpecOverview) =>
    RATE_MINUTES.map((_, i) =>
      Object.fromEntries(COUNTED.flatMap((name, at) => (recent[i][at] ? [[name, recent[i][at]]] : []))),
    );

  describe('the overview of a namespace', () => {
    it('has all its specs in their order, and none of one that is not there', async () => {
      expect((await read()).specs).toEqual([]);
      for (const name of ['b', 'a', 'c']) await w.spec(name);
      await w.spec('elsewhere', {}, 'other');
      expect((await specs()).map(({ workSpec }) => workSpec)).toEqual(['a', 'b', 'c']);
      expect((await read()).now).toBe(w.now);
    });

    it('tells counts, control values, the oldest available unit, and what has run out by now', async () => {
      await w.spec('s', { priority: 3, weight: 7 });
      await w.add('s', 'a', 'b');
      await w.advance(2 * SECOND);
      await w.add('s', 'c', { name: 'd', delay: 5 * SECOND });
      await w.specs.changeMeta(w.namespace, 's', { paused: true });
      const [first] = await specs();
      expect(first.counts).toEqual({ available: 3, delayed: 1, pending: 0, finished: 0, failed: 0 });
      expect(first.availableSince).toBe(START);
      expect(first.meta).toEqual(await w.specs.meta(w.namespace, 's', false));
      expect([first.meta.paused, first.meta.priority, first.meta.weight]).toEqual([true, 3, 7]);
      await w.advance(10 * SECOND);
      expect((await specs())[0].counts).toEqual({ available: 4, delayed: 0, pending: 0, finished: 0, failed: 0 });
    });

    it('tells who is at work on a spec, and when a claim last gave out a unit of it', async () => {
      await w.spec('s');
      await w.spec('t', { priority: -1 });
      await w.add('s', ...'abcd');
      await w.add('t', 'a');
      const atWork = async () =>
        (await specs()).map(({ workers, lastClaim }) => [workers, lastClaim && lastClaim - START]);
      expect(await atWork()).toEqual([
        [0, undefined],
        [0, undefined],
      ]);
      const { attempts } = await w.claim('w', { units: 2 });
      await w.advance(SECOND);
      await w.claim('v', { units: 2, lifetime: 5 * SECOND });
      await w.claim('w');
      expect(await atWork()).toEqual([
        [2, SECOND],
        [1, SECOND],
      ]);
      await w.act(attempts[0], 'finish');
      expect((await atWork())[0]).toEqual([2, SECOND]);
      await w.act(attempts[1], 'fail');
      await w.advance(6 * SECOND);
      expect(await atWork()).toEqual([
        [0, SECOND],
        [1, SECOND],
      ]);
    });

    it('tells which units failed since a moment, and are failed still, of each spec the latest', async () => {
      await w.spec('s');
      await w.spec('t');
      await w.add('s', ...'abcd');
      await w.add('t', 'x');
      const failures = async (workSpecs: string[], since: number, limit = 9) =>
        (await w.repositories.overview.failures(w.namespace, workSpecs, since, limit)).map(
          ({ workSpec, workUnit, worker, at, cause, failure }) => {
            expect([cause, failure]).toEqual(['no reason given', expect.stringMatching(/^[0-9a-f]{12}$/)]);
            return `${workSpec} ${workUnit} ${worker} +${(at - START) / SECOND}`;
          },
        );
      const { attempts } = await w.claim('w', { units: 4, workSpecs: ['s'] });
      for (const attempt of attempts) {
        await w.advance(SECOND);
        await w.act(attempt, 'fail');
      }
      await w.act(await w.take('v', { workSpecs: ['t'] }), 'fail');
      expect(await failures(['s', 't', 'none'], START)).toEqual([
        's a w +1',
        's b w +2',
        's c w +3',
        expect.stringMatching(/^[st] [dx] [wv] [+]4$/),
        expect.stringMatching(/^[st] [dx] [wv] [+]4$/),
      ]);
      expect(await failures(['s'], START + 2 * SECOND)).toEqual(['s c w +3', 's d w +4']);
      expect(await failures(['s'], START, 1)).toEqual(['s d w +4']);
      await w.units.clear(w.namespace, 's', { names: ['d'] });
      expect(await failures(['s'], START, 1)).toEqual(['s c w +3']);
      expect(await failures([], START)).toEqual([]);
    });

    w.itWith('sharing', 'is the same of all daemons on a storage', async () => {
      const other = await w.another();
      await w.spec('s');
      await w.add('s', 'a', 'b');
      await w.take('w');
      await read();
      const [spec] = (await other.overview.read(w.namespace)).specs;
      expect([spec.counts.pending, spec.workers, spec.lastClaim]).toEqual([1, 1, START]);
      expect(recent(spec)[0]).toEqual({ added: 2, claimed: 1 });
    });

    w.itWith(
      'sharing',
      'is true at the moment asked, whatever another daemon has done since the last look',
      async () => {
        const other = await w.another();
        for (const name of ['b', 'a']) await w.spec(name);
        await w.add('a', 'x', 'y');
        const seen = async () => {
          await read();
          const { specs } = await other.overview.read(w.namespace);
          return specs.map(({ workSpec, counts, meta, workers, lastClaim, recent }) => ({
            ...{ workSpec, available: counts.available, finished: counts.finished, paused: meta.paused, workers },
            claimed: lastClaim === undefined ? undefined : lastClaim - START,
            added: recent[2][0],
          }));
        };
        const rest = { available: 0, finished: 0, paused: false, workers: 0, claimed: undefined, added: 0 };
        const b = { ...rest, workSpec: 'b' };
        expect(await seen()).toEqual([{ ...rest, workSpec: 'a', available: 2, added: 2 }, b]);
        const attempt = await w.take('v');
        expect(await seen()).toMatchObject([{ available: 1, workers: 1, claimed: 0 }, b]);
        await w.act(attempt, 'finish');
        await w.specs.changeMeta(w.namespace, 'b', { paused: true });
        expect(await seen()).toMatchObject([
          { available: 1, finished: 1, workers: 0 },
          { ...b, paused: true },
        ]);
        await w.advance(4 * MINUTE);
        await w.take('w');
        expect((await seen())[0]).toMatchObject({ available: 0, workers: 1, claimed: 4 * MINUTE, added: 2 });
        await w.units.delete(w.namespace, 'a', {});
        await w.specs.delete(w.namespace, 'b');
        await w.spec('c');
        expect(await seen()).toEqual([
          { ...rest, workSpec: 'a', claimed: 4 * MINUTE, added: 2 },
          { ...rest, workSpec: 'c' },
        ]);
      },
    );

    it('tells when a claim last gave out a unit, be that minutes or a day ago', async () => {
      await w.spec('s');
      await w.spec('t');
      await w.add('s', ...'abc');
      let last = START;
      for (const pause of [0, MINUTE, 3 * MINUTE, 10 * MINUTE, 24 * HOUR]) {
        await w.advance(pause);
        expect((await specs()).map(({ lastClaim }) => lastClaim)).toEqual([pause === 0 ? undefined : last, undefined]);
        if (pause === 24 * HOUR) continue;
        await w.act(await w.take('w'), 'retry');
        last = w.now;
      }
    });

    it('tells what happened in the last minutes, of the one that lies in part before them as much as lies within', async () => {
      await w.spec('s');
      await w.setClock(Math.floor(START / MINUTE) * MINUTE + 15 * SECOND);
      await w.add('s', ...'abcdefgh');
      expect(recent((await specs())[0])).toEqual([{ added: 8 }, { added: 8 }, { added: 8 }]);
      await w.advance(MINUTE);
      const { attempts } = await w.claim('w', { units: 4, lifetime: 2 * HOUR });
      expect(recent((await specs())[0])).toEqual([
        { added: 6, claimed: 4 },
        { added: 8, claimed: 4 },
        { added: 8, claimed: 4 },
      ]);
      await w.advance(5 * MINUTE);
      await w.act(attempts[0], 'finish');
      const [{ counts, recent: last, ...spec }] = await specs();
      expect(recent({ counts, recent: last, ...spec })).toEqual([
        { finished: 1 },
        { claimed: 3, finished: 1 },
        { added: 8, claimed: 4, finished: 1 },
      ]);
      // Seven are left, and one was done in five minutes.
      expect(drainedAt({ counts, recent: last, ...spec }, w.now)).toBe(w.now + 7 * 5 * MINUTE);
      await w.advance(61 * MINUTE);
      expect(recent((await specs())[0])).toEqual([{}, {}, {}]);
      expect(drainedAt((await specs())[0], w.now)).toBeUndefined();
    });
  });
}
