import type { Encodable, Micros, SlotState, SnapshotRecord } from 'coordinate-daemon/backend';
import { defineWorkSpec, encode, MINUTE, SECOND, ZERO_TIME } from 'coordinate-daemon/backend';
import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../world.js';

const at = (text: string): Micros => Date.parse(`2026-11-${text}Z`) * 1000;

export function describeSchedules(w: World): void {
  const slots = async (): Promise<SlotState | undefined> => (await w.specs.meta(w.namespace, 's', false)).slots;
  const look = async () => await w.repositories.schedules.startDue();
  const lookAt = async (text: string) => {
    await w.setClock(at(text));
    return await look();
  };
  const schedule = (content: Encodable, more: Record<string, Encodable> = {}) =>
    w.spec('s', { flow: { schedule: content }, ...more });
  const finishAll = async (): Promise<void> => {
    for (const attempt of (await w.claim('w', { units: 100 })).attempts) await w.act(attempt, 'finish');
  };

  describe('a work spec with a schedule', () => {
    beforeEach(() => w.setClock(at('27T01:59:00')));

    it('begins with the first slot ahead, and makes a unit of it when it has come', async () => {
      await schedule({ cron: '0 3 * * *', timezone: 'Europe/Berlin' });
      expect(await slots()).toEqual({ next: at('27T02:00:00'), last: ZERO_TIME, buffered: ZERO_TIME, missed: 0 });
      expect(await lookAt('27T01:59:59.999')).toMatchObject({ made: 0, missed: 0 });
      expect(await w.names('s')).toEqual([]);
      expect(await lookAt('27T02:00:00')).toMatchObject({ made: 1, missed: 0 });
      expect(await w.names('s')).toEqual(['2026-11-27T02:00:00Z']);
      expect(await w.data('s', '2026-11-27T02:00:00Z')).toEqual({ scheduled: '2026-11-27T02:00:00Z', previous: null });
      expect(await slots()).toMatchObject({ next: at('28T02:00:00'), last: at('27T02:00:00') });
      await finishAll();
      await lookAt('28T02:00:00');
      expect(await w.data('s', '2026-11-28T02:00:00Z')).toEqual({
        scheduled: '2026-11-28T02:00:00Z',
        previous: '2026-11-27T02:00:00Z',
      });
    });

    it('says when to look next', async () => {
      expect((await look()).nextInMs).toBeGreaterThanOrEqual(1_000);
      await schedule('0 2 * * *');
      await w.setClock(at('27T01:59:59.500'));
      expect((await look()).nextInMs).toBe(500);
    });

    it('makes a unit of a slot once, by however many looks', async () => {
      await schedule({ cron: '0 2 * * *', overlap: 'allow' });
      await w.setClock(at('27T02:00:00'));
      const looks = await Promise.all([look(), look(), look()]);
      expect(looks.reduce((sum, { made }) => sum + made, 0)).toBe(1);
      expect(await w.names('s')).toHaveLength(1);
      expect(await w.counts('s')).toEqual({ available: 1 });
    });

    w.itWith('sharing', 'makes a unit of a slot once, by however many daemons', async () => {
      const other = await w.another();
      await schedule({ cron: '* * * * *', overlap: 'allow' });
      for (const minute of ['02:00', '02:01', '02:02']) {
        await w.setClock(at(`27T${minute}:00`));
        const looks = await Promise.all([look(), other.schedules.startDue(), look(), other.schedules.startDue()]);
        expect(looks.reduce((sum, { made }) => sum + made, 0)).toBe(1);
      }
      expect(await w.names('s')).toHaveLength(3);
    });

    it('makes no unit of a slot whose name is taken, and does not run a finished one again', async () => {
      await schedule('0 2 * * *');
      await w.add('s', { name: '2026-11-27T02:00:00Z', data: { own: 1 } });
      await finishAll();
      await lookAt('27T02:00:00');
      expect(await w.status('s', '2026-11-27T02:00:00Z')).toBe('finished');
      expect(await w.data('s', '2026-11-27T02:00:00Z')).toEqual({ own: 1 });
      expect(await slots()).toMatchObject({ next: at('28T02:00:00') });
    });

    it('makes no slot twice when the clock is set back, by another schedule neither', async () => {
      await schedule({ cron: '* * * * *', overlap: 'allow' });
      await lookAt('27T02:00:00');
      expect(await lookAt('27T01:30:00')).toMatchObject({ made: 0 });
      expect(await lookAt('27T02:00:00')).toMatchObject({ made: 0 });
      await w.setClock(at('27T01:30:00'));
      await schedule({ cron: '*/2 * * * *', overlap: 'allow' });
      expect(await slots()).toMatchObject({ next: at('27T02:02:00'), last: at('27T02:00:00') });
    });

    it('goes on as before when it is set anew, and begins anew where its times are others', async () => {
      await schedule('0 2 * * *');
      const before = await slots();
      await w.setClock(at('27T03:00:00'));
      await schedule({ cron: '0 2 * * *', overlap: 'allow', catch_up: 7200 });
      expect(await slots()).toEqual(before);
      await w.specs.changeMeta(w.namespace, 's', { paused: true, weight: 3 });
      expect(await slots()).toEqual(before);
      await w.specs.redefine(w.namespace, defineWorkSpec(encode({ name: 's', flow: { schedule: '0 5 * * *' } })));
      expect(await slots()).toMatchObject({ next: at('27T05:00:00') });
      await schedule({ cron: '0 5 * * *', timezone: 'Asia/Kathmandu' });
      expect(await slots()).toMatchObject({ next: at('27T23:15:00') });
      await w.spec('s');
      expect(await slots()).toBeUndefined();
      expect(await lookAt('29T00:00:00')).toMatchObject({ made: 0 });
    });

    it('is in no schedule any more once it has gone, or its namespace has', async () => {
      await schedule('* * * * *');
      await w.specs.delete(w.namespace, 's');
      expect(await lookAt('27T02:00:00')).toMatchObject({ made: 0 });
      await schedule('* * * * *');
      await w.namespaces.destroy(w.namespace);
      expect(await lookAt('27T02:30:00')).toMatchObject({ made: 0 });
      await w.spec('s');
      expect(await w.names('s')).toEqual([]);
    });

    it('goes on when all its units are deleted', async () => {
      await schedule('* * * * *');
      await lookAt('27T02:00:00');
      await w.units.delete(w.namespace, 's', {});
      await lookAt('27T02:01:00');
      expect(await w.names('s')).toEqual(['2026-11-27T02:01:00Z']);
    });

    it('skips a slot while a unit is available, delayed or pending', async () => {
      await schedule('* * * * *');
      await w.add('s', { name: 'later', delay: 150 * SECOND });
      expect(await lookAt('27T02:00:00')).toMatchObject({ made: 0, missed: 1 });
      await w.setClock(at('27T02:01:59'));
      const attempt = await w.take();
      expect(await lookAt('27T02:02:00')).toMatchObject({ made: 0, missed: 2 });
      await w.act(attempt, 'fail');
      expect(await lookAt('27T02:03:00')).toMatchObject({ made: 1, missed: 0 });
      expect(await lookAt('27T02:04:00')).toMatchObject({ made: 0, missed: 1 });
      expect(await slots()).toMatchObject({ missed: 4, last: at('27T02:03:00'), buffered: ZERO_TIME });
    });

    it('buffers the latest slot until no unit is left to be done', async () => {
      await schedule({ cron: '* * * * *', overlap: 'buffer' });
      await w.add('s', 'first');
      await lookAt('27T02:00:00');
      expect(await slots()).toMatchObject({ buffered: at('27T02:00:00'), missed: 0 });
      await lookAt('27T02:01:00');
      expect(await slots()).toMatchObject({ buffered: at('27T02:01:00'), missed: 1, next: at('27T02:02:00') });
      expect(await w.names('s')).toEqual(['first']);
      await finishAll();
      expect(await lookAt('27T02:01:30')).toMatchObject({ made: 1, missed: 0 });
      expect(await w.names('s')).toEqual(['2026-11-27T02:01:00Z', 'first']);
      expect(await slots()).toMatchObject({ buffered: ZERO_TIME, last: at('27T02:01:00') });
    });

    it('lets units overlap where that is allowed', async () => {
      await schedule({ cron: '* * * * *', overlap: 'allow' });
      await w.add('s', 'first');
      for (const minute of ['00', '01', '02']) await lookAt(`27T02:${minute}:00`);
      expect(await w.counts('s')).toEqual({ available: 4 });
    });

    it('makes nothing of what it missed, unless it is to catch up', async () => {
      await schedule('*/10 * * * *');
      expect(await lookAt('27T02:55:00')).toMatchObject({ made: 0, missed: 6 });
      expect(await slots()).toMatchObject({ next: at('27T03:00:00'), missed: 6 });
      await schedule({ cron: '*/10 * * * *', catch_up: 1800 });
      expect(await lookAt('27T03:55:00')).toMatchObject({ made: 1, missed: 5 });
      expect(await w.names('s')).toEqual(['2026-11-27T03:50:00Z']);
      await finishAll();
      await schedule({ cron: '*/10 * * * *', catch_up: 1800, catch_up_all: true });
      expect(await lookAt('27T04:55:00')).toMatchObject({ made: 3, missed: 3 });
      expect((await w.names('s')).slice(1)).toEqual(['30', '40', '50'].map((minute) => `2026-11-27T04:${minute}:00Z`));
      expect(await w.data('s', '2026-11-27T04:30:00Z')).toMatchObject({ previous: '2026-11-27T03:50:00Z' });
      expect(await w.data('s', '2026-11-27T04:40:00Z')).toMatchObject({ previous: '2026-11-27T04:30:00Z' });
    });

    it.each([true, false])('makes nothing of what is too old by a part of a second (each: %s)', async (each) => {
      await schedule({ cron: '0,30 2 * * *', catch_up: 3600, catch_up_all: each });
      await w.setClock(at('27T03:00:00') + 1);
      expect(await look()).toMatchObject({ made: 1, missed: 1 });
      expect(await w.names('s')).toEqual(['2026-11-27T02:30:00Z']);
      await finishAll();
      expect(await lookAt('28T03:00:00')).toMatchObject(each ? { made: 2, missed: 0 } : { made: 1, missed: 1 });
      await finishAll();
      await w.setClock(at('29T03:30:00') + 1);
      expect(await look()).toMatchObject({ made: 0, missed: 2 });
    });

    it('makes up for a thousand slots at most', async () => {
      await schedule({ cron: '* * * * *', catch_up: 1e6, catch_up_all: true });
      expect(await lookAt('27T18:45:00')).toMatchObject({ made: 1000, missed: 6 });
      expect(await w.counts('s')).toEqual({ available: 1000 });
    });

    it('has what it makes given out, and starts many specs by one look', async () => {
      for (const name of ['a', 'b', 'c']) await w.spec(name, { flow: { schedule: '0 2 * * *' } });
      await w.spec('other', { flow: { schedule: '0 4 * * *' } }, 'elsewhere');
      expect(await lookAt('27T02:00:10')).toMatchObject({ made: 3 });
      const claimed = [await w.claimed(), await w.claimed(), await w.claimed()].flat();
      expect(claimed).toEqual(Array(3).fill('2026-11-27T02:00:00Z'));
    });

    it('is run out of turn, whatever there is to be done', async () => {
      await w.spec('plain');
      const { schedules } = w.repositories;
      await expect(Promise.resolve().then(() => schedules.runNow(w.namespace, 'plain'))).rejects.toThrow('no schedule');
      await expect(Promise.resolve().then(() => schedules.runNow(w.namespace, 'none'))).rejects.toThrow(
        'No such work spec',
      );
      await schedule('0 2 * * *');
      await lookAt('27T02:00:00');
      const before = await slots();
      await w.advance(MINUTE);
      expect(await schedules.runNow(w.namespace, 's')).toBe('2026-11-27T02:01:00.000Z');
      expect(await schedules.runNow(w.namespace, 's')).toBe('2026-11-27T02:01:00.001Z');
      expect(await w.data('s', '2026-11-27T02:01:00.000Z')).toEqual({
        scheduled: '2026-11-27T02:01:00.000Z',
        previous: '2026-11-27T02:00:00Z',
      });
      expect(await slots()).toEqual(before);
      expect(await w.counts('s')).toEqual({ available: 3 });
    });

    it('is shown with its slots in lists and in the overview', async () => {
      await schedule('0 2 * * *');
      await lookAt('27T02:00:00');
      const expected = { next: at('28T02:00:00'), last: at('27T02:00:00'), buffered: ZERO_TIME, missed: 0 };
      expect((await w.specs.find(w.namespace, 's'))?.meta.slots).toEqual(expected);
      expect((await w.specs.list(w.namespace)).map(({ meta }) => meta.slots)).toEqual([expected]);
      const { specs } = await w.repositories.overview.read(w.namespace);
      expect(specs.map(({ meta }) => meta.slots)).toEqual([expected]);
    });

    w.itWith('snapshots', 'goes on after a dump and a restore', async () => {
      await schedule({ cron: '* * * * *', overlap: 'buffer' });
      await w.add('s', 'first');
      await lookAt('27T02:00:00');
      const before = await slots();
      const records: SnapshotRecord[] = [];
      await w.snapshots.read(async (pages) => {
        for await (const page of pages) records.push(...page);
      });
      await w.empty();
      await w.snapshots.restore(
        (async function* () {
          yield await Promise.resolve(records);
        })(),
      );
      expect(await slots()).toEqual(before);
      await finishAll();
      expect(await lookAt('27T02:00:30')).toMatchObject({ made: 1 });
      expect(await w.names('s')).toEqual(['2026-11-27T02:00:00Z', 'first']);
    });
  });
}
