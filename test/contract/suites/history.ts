import type { HistorySpan, HistoryWindow, Micros } from 'coordinate-daemon/backend';
import { COUNTED, HISTORY_KEPT, HOUR, MINUTE, MINUTES_KEPT, RetentionPolicy, SECOND } from 'coordinate-daemon/backend';
import { expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

const hourOf = (moment: Micros): Micros => Math.floor(moment / HOUR) * HOUR;
/** The minute in which every test begins. */
const FIRST = Math.floor(START / MINUTE) * MINUTE;

/** What happened, in few words: `+0 added 2 claimed 1`, by minutes after FIRST. */
function shown({ start, ...span }: HistorySpan): string {
  const counts = COUNTED.filter((counted) => span[counted] > 0).map((counted) => `${counted} ${span[counted]}`);
  return [`+${(start - FIRST) / MINUTE}`, ...counts].join(' ');
}

export function describeHistory(w: World): void {
  const window = (part: Partial<HistoryWindow> = {}): HistoryWindow => ({
    from: FIRST,
    to: FIRST + 3 * HOUR,
    step: MINUTE,
    ...part,
  });
  const spans = async (workSpec = 's', part?: Partial<HistoryWindow>) =>
    await w.past.ofSpec(w.namespace, workSpec, window(part));
  const told = async (workSpec = 's', part?: Partial<HistoryWindow>) => (await spans(workSpec, part)).map(shown);
  const all = async (part?: Partial<HistoryWindow>) => (await w.past.ofNamespace(w.namespace, window(part))).map(shown);
  const retain = async () => {
    let more = true;
    while (more) ({ more } = await w.maintenance.retain(new RetentionPolicy()));
  };

  w.describeWith('history', 'history', () => {
    it('tells what happened by the minute, and of no minute in which nothing did', async () => {
      await w.spec('s');
      expect(await told()).toEqual([]);
      await w.add('s', ...'abcd');
      await w.add('s', 'a');
      const { attempts } = await w.claim('w', { units: 4, lifetime: LEASE });
      await w.advance(2 * MINUTE);
      await w.act(attempts[0], 'finish');
      await w.act(attempts[1], 'fail');
      await w.act(attempts[2], 'retry', { delay: 0 });
      await w.advance(MINUTE);
      await w.act(attempts[3], 'expire');
      await w.take('w', { lifetime: MINUTE });
      await w.advance(2 * MINUTE);
      await w.counts('s');
      expect(await told()).toEqual([
        '+0 added 5 claimed 4',
        '+2 finished 1 failed 1 retried 1',
        '+3 claimed 1 released 1',
        '+4 expired 1',
      ]);
      const [first] = await spans();
      expect(first.end - first.start).toBe(MINUTE);
    });

    it('tells how long units waited and attempts worked, by the buckets of the metrics', async () => {
      await w.spec('s');
      await w.add('s', ...'abc');
      await w.advance(2 * SECOND);
      const { attempts } = await w.claim('w', { units: 3 });
      await w.advance(20 * SECOND);
      for (const [i, action] of (['finish', 'fail', 'expire'] as const).entries()) await w.act(attempts[i], action);
      const [{ waited, worked }] = await spans();
      const counted = (buckets: readonly number[]) => buckets.flatMap((count, i) => (count > 0 ? [[i, count]] : []));
      expect([waited.seconds, counted(waited.buckets)]).toEqual([6, [[5, 3]]]);
      expect([worked.seconds, counted(worked.buckets)]).toEqual([40, [[7, 2]]]);
    });

    it('adds up what is asked for in longer steps, within the window alone', async () => {
      await w.spec('s');
      for (let minute = 0; minute < 4; minute++) {
        await w.add('s', `u${minute}`);
        await w.advance(minute === 2 ? HOUR : MINUTE);
      }
      expect(await told()).toEqual(['+0 added 1', '+1 added 1', '+2 added 1', '+62 added 1']);
      expect(await told('s', { from: FIRST + MINUTE, to: FIRST + 2 * MINUTE })).toEqual(['+1 added 1']);
      const hours = await spans('s', { from: hourOf(FIRST), step: HOUR });
      expect(hours.map(({ start, end, added }) => [start - hourOf(FIRST), end - start, added])).toEqual([
        [0, HOUR, 3],
        [HOUR, HOUR, 1],
      ]);
    });

    it('counts units that are chained, that a spec makes itself, and that were tried too often', async () => {
      await w.spec('next');
      await w.spec('s', { then: 'next', max_retries: 1 });
      await w.spec('own', { continuous: true, interval: 60 });
      await w.add('s', 'a', 'b');
      await w.act(await w.take('w', { workSpecs: ['s'] }), 'finish', { content: { output: ['x', 'y'] } });
      await w.act(await w.take('w', { workSpecs: ['s'] }), 'retry', { delay: 0 });
      await w.claim('w', { workSpecs: ['s'] });
      await w.claim('w', { workSpecs: ['own'] });
      expect(await told('next')).toEqual(['+0 added 2']);
      expect(await told('own')).toEqual(['+0 added 1 claimed 1']);
      expect(await told()).toEqual(['+0 added 2 claimed 2 finished 1 failed 1 retried 1']);
    });

    it('of a namespace is that of its specs together', async () => {
      expect(await all()).toEqual([]);
      await w.spec('s');
      await w.spec('t');
      await w.spec('u', {}, 'other');
      await w.add('s', 'a');
      await w.add('t', 'a', 'b');
      await w.advance(MINUTE);
      await w.add('t', 'c');
      expect(await all()).toEqual(['+0 added 3', '+1 added 1']);
      await w.specs.delete(w.namespace, 't');
      expect(await all()).toEqual(['+0 added 1']);
    });

    it('goes with its spec, and one that is made anew begins anew', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.take();
      expect(await told()).toEqual(['+0 added 1 claimed 1']);
      await w.specs.delete(w.namespace, 's');
      await expect((async () => spans())()).rejects.toThrow('No such work spec');
      await w.spec('s');
      expect(await told()).toEqual([]);
      await w.add('s', 'a');
      expect(await told()).toEqual(['+0 added 1']);
      await w.namespaces.destroy(w.namespace);
      expect(await all()).toEqual([]);
      await w.spec('s');
      expect(await told()).toEqual([]);
    });

    it('stays when the spec is defined anew, and when units are deleted, some or all', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b');
      await w.act(await w.take(), 'finish');
      await w.units.delete(w.namespace, 's', { names: ['a'] });
      await w.spec('s', { priority: 5 });
      expect(await told()).toEqual(['+0 added 2 claimed 1 finished 1']);
      await w.units.delete(w.namespace, 's', {});
      expect(await told()).toEqual(['+0 added 2 claimed 1 finished 1']);
      await w.add('s', 'c');
      await retain();
      expect(await told()).toEqual(['+0 added 3 claimed 1 finished 1']);
    });

    w.itWith('retention', 'is kept by the minute for two days, by the hour for sixty, and no longer', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.advance(MINUTE);
      await w.add('s', 'b');
      await w.advance(MINUTES_KEPT - HOUR);
      await w.add('s', 'c');
      await retain();
      const from = hourOf(FIRST);
      const to = FIRST + 70 * 24 * HOUR;
      expect((await told('s', { from, to })).length).toBe(3);
      await w.advance(3 * HOUR);
      await w.add('s', 'd');
      await retain();
      const [hour, ...minutes] = await spans('s', { from, to });
      expect([hour.start, hour.end, hour.added]).toEqual([from, from + HOUR, 2]);
      expect(minutes.map(({ start, end, added }) => [end - start, added])).toEqual([
        [MINUTE, 1],
        [MINUTE, 1],
      ]);
      await w.advance(HISTORY_KEPT - MINUTES_KEPT + HOUR);
      await w.add('s', 'e');
      await retain();
      expect((await spans('s', { from, to })).map(({ end, start }) => (end - start) / MINUTE)).toEqual([60, 60, 1]);
    });

    it('of a clock that is set back is told by the minutes that come once more', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.advance(30 * MINUTE);
      await w.add('s', 'b');
      await w.setClock(START + 10 * MINUTE);
      await w.add('s', 'c');
      await w.setClock(START);
      await w.add('s', 'd');
      await w.setClock(START + 40 * MINUTE);
      expect(await told()).toEqual(['+0 added 2', '+10 added 1', '+30 added 1']);
    });

    w.itWith('sharing', 'is that of all daemons on a storage', async () => {
      const other = await w.another();
      await w.spec('s');
      await w.add('s', 'a', 'b');
      await w.claim('w');
      await other.attempts.claim(w.namespace, { worker: 'v', units: 1, lifetime: LEASE });
      // Who tells of it has written it down.
      const ofOther = await other.history.ofSpec(w.namespace, 's', window());
      expect(ofOther[0].claimed).toBeGreaterThan(0);
      expect(await told()).toEqual(['+0 added 2 claimed 2']);
      expect((await other.history.ofSpec(w.namespace, 's', window())).map(shown)).toEqual(['+0 added 2 claimed 2']);
    });
  });
}
