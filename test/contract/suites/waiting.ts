import type { WorkNews } from 'coordinate-daemon/backend';
import { SECOND } from 'coordinate-daemon/backend';
import { afterEach, describe, expect, it } from 'vitest';
import type { Repositories } from '../harness.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

/** Notes what a feed says. */
class Ear implements WorkNews {
  /** Work specs, or `any`. */
  heard: string[] = [];
  mustLook = false;

  constructor(private readonly namespace: string) {}

  claimable(namespace: string, workSpec: string | undefined): void {
    if (namespace === this.namespace) this.heard.push(workSpec ?? 'any');
  }

  lookIn(): void {
    this.mustLook = true;
  }

  hasHeardOf(workSpec: string): boolean {
    return this.heard.includes(workSpec) || this.heard.includes('any');
  }
}

const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Longer than it takes by far, wherever it runs. */
const LONG = { timeout: 20_000, interval: 20 };

export function describeWaiting(w: World): void {
  describe('who watches a namespace and has found nothing to claim in it hears when', () => {
    let ear: Ear;
    let unwatch: (() => void) | undefined;
    afterEach(() => {
      unwatch?.();
      unwatch = undefined;
    });

    async function listen({ feed }: Pick<Repositories, 'feed'> = w.repositories): Promise<void> {
      ear = new Ear(w.namespace);
      feed.tell(ear);
      feed.watch(w.namespace);
      unwatch = () => feed.unwatch(w.namespace);
      expect(await w.claimed('watcher')).toEqual([]);
      // What had happened before may be told still.
      await new Promise((resolve) => setImmediate(resolve));
      ear.heard = [];
    }

    /** Waits until it is told of a work spec, of which a claim then is given something. */
    async function hears(workSpec: string, { feed }: Pick<Repositories, 'feed'> = w.repositories): Promise<void> {
      await expect
        .poll(() => {
          if (ear.mustLook) feed.look();
          return ear.hasHeardOf(workSpec);
        }, LONG)
        .toBe(true);
      expect(await w.claimed('watcher')).toHaveLength(1);
    }

    it('units are added', async () => {
      await w.spec('s');
      await listen();
      await w.add('s', 'a');
      await hears('s');
    });

    it('units are added in a namespace that was not there', async () => {
      await w.namespaces.destroy(w.namespace);
      const { feed } = w.repositories;
      ear = new Ear(w.namespace);
      feed.tell(ear);
      feed.watch(w.namespace);
      unwatch = () => feed.unwatch(w.namespace);
      expect(await w.claim('watcher', { onlyInExisting: true })).toMatchObject({ noNamespace: true });
      await w.spec('s');
      await w.add('s', 'a');
      await hears('s');
    });

    it('very many are', async () => {
      await w.spec('s');
      await listen();
      await w.add('s', ...Array.from({ length: 6_000 }, (_, index) => `u${index}`));
      await hears('s');
    });

    it('a unit is added again', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.act(await w.take(), 'finish');
      await listen();
      await w.add('s', 'a');
      await hears('s');
    });

    it('units are chained', async () => {
      await w.spec('s', { then: 't' });
      await w.spec('t');
      await w.add('s', 'a');
      const attempt = await w.take();
      await listen();
      await w.act(attempt, 'finish', { content: { output: { b: {} } } });
      await hears('t');
    });

    it.each(['expire', 'retry'] as const)('an attempt is given back by %s', async (action) => {
      await w.spec('s');
      await w.add('s', 'a');
      const attempt = await w.take();
      await listen();
      await w.act(attempt, action);
      await hears('s');
    });

    it('a unit is reported to be available again', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.take();
      await listen();
      await w.report('s', 'a', 'available');
      await hears('s');
    });

    it('a claim is undone', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      const attempt = await w.take();
      await listen();
      await w.attempts.undoClaim(w.namespace, [attempt]);
      await hears('s');
    });

    it('a unit is cleared', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.act(await w.take(), 'fail');
      await listen();
      await w.units.clear(w.namespace, 's', { statuses: ['failed'] });
      await hears('s');
    });

    it('a lease runs out', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.take();
      await listen();
      await w.advance(LEASE);
      await hears('s');
    });

    it('a lease that began after it had looked runs out', async () => {
      await w.spec('s', { max_running: 1 });
      await w.add('s', 'a', 'b');
      const attempt = await w.take();
      await listen();
      await w.act(attempt, 'renew', { duration: 2 * SECOND });
      await w.advance(2 * SECOND);
      await hears('s');
    });

    it('a delay is over', async () => {
      await w.spec('s');
      await w.add('s', { name: 'a', notBefore: w.now + 30 * SECOND });
      await listen();
      await w.advance(30 * SECOND);
      await hears('s');
    });

    it('a delay is over that began after it had looked', async () => {
      await w.spec('s');
      await listen();
      await w.add('s', { name: 'a', notBefore: w.now + SECOND });
      await w.advance(SECOND);
      await hears('s');
    });

    it('not_before of a unit is set to a moment that has passed', async () => {
      await w.spec('s');
      await w.add('s', { name: 'a', notBefore: w.now + 3600 * SECOND });
      await listen();
      await w.units.change(w.namespace, 's', 'a', { notBefore: w.now });
      await hears('s');
    });

    it('a spec goes on', async () => {
      await w.spec('s', { disabled: true });
      await w.add('s', 'a');
      await listen();
      await w.specs.changeMeta(w.namespace, 's', { paused: false });
      await hears('s');
    });

    it('a spec gets another weight', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.specs.changeMeta(w.namespace, 's', { weight: 0 });
      await listen();
      await w.specs.changeMeta(w.namespace, 's', { weight: 1 });
      await hears('s');
    });

    it('a spec gets other data', async () => {
      await w.spec('s', { disabled: true });
      await w.add('s', 'a');
      await listen();
      await w.spec('s');
      await hears('s');
    });

    it('more of a spec may run', async () => {
      await w.spec('s', { max_running: 1 });
      await w.add('s', 'a', 'b');
      await w.take();
      await listen();
      await w.specs.changeMeta(w.namespace, 's', { maxRunning: 2 });
      await hears('s');
    });

    it.each(['finish', 'fail', 'expire'] as const)('less of it runs, by %s', async (action) => {
      await w.spec('s', { max_running: 1 });
      await w.add('s', 'a', 'b');
      const attempt = await w.take();
      await listen();
      await w.act(attempt, action);
      await hears('s');
    });

    it('less of it runs, for a unit is deleted', async () => {
      await w.spec('s', { max_running: 1 });
      await w.add('s', 'a', 'b');
      await w.take();
      await listen();
      await w.units.delete(w.namespace, 's', { names: ['a'] });
      await hears('s');
    });

    it('a continuous spec is told to go on, and when its time has come', async () => {
      await w.spec('s', { continuous: true, interval: 60 });
      await w.specs.changeMeta(w.namespace, 's', { continuous: false });
      await listen();
      await w.specs.changeMeta(w.namespace, 's', { continuous: true });
      await expect.poll(() => ear.hasHeardOf('s'), LONG).toBe(true);
      const attempt = await w.take('watcher');
      await w.act(attempt, 'finish');
      expect(await w.claimed('watcher')).toEqual([]);
      ear.heard = [];
      await w.advance(60 * SECOND);
      await hears('s');
    });

    describe('what a spec comes after has come to rest', () => {
      const waits = async (...units: string[]) => {
        await w.spec('a');
        await w.spec('s', { flow: { after: ['a'] } });
        await w.add('s', 'x');
        await w.add('a', ...units);
      };

      it.each(['finish', 'fail'] as const)('by the last %s', async (action) => {
        await waits('a', 'b');
        const { attempts } = await w.claim('v', { units: 2 });
        await listen();
        await w.act(attempts[0], action);
        await w.act(attempts[1], action);
        await hears('s');
      });

      it('for the last unit is deleted', async () => {
        await waits('a');
        await w.take('v');
        await listen();
        await w.units.delete(w.namespace, 'a', { names: ['a'] });
        await hears('s');
      });

      it('for all units are', async () => {
        await waits('a');
        await w.take('v');
        await listen();
        await w.units.delete(w.namespace, 'a', {});
        await hears('s');
      });

      it('for it is deleted', async () => {
        await waits('a');
        await w.take('v');
        await listen();
        await w.specs.delete(w.namespace, 'a');
        await hears('s');
      });

      it('and was made later than what waits for it', async () => {
        await w.spec('s', { flow: { after: ['a'] } });
        await w.add('s', 'x');
        await w.spec('a');
        await w.add('a', 'a');
        const attempt = await w.take('v', { workSpecs: ['a'] });
        await listen();
        await w.act(attempt, 'finish');
        await hears('s');
      });

      w.itWith('sharing', 'by another daemon', async () => {
        await waits('a');
        const attempt = await w.take('v');
        await listen();
        const another = await w.another();
        await another.attempts.change(w.namespace, { ref: attempt, action: 'finish' });
        await hears('s');
      });
    });

    it('what it came after is so no more', async () => {
      await w.spec('a');
      await w.spec('s', { flow: { after: ['a'] } });
      await w.add('a', 'a');
      await w.add('s', 'x');
      await w.take('v');
      await listen();
      await w.spec('s');
      await hears('s');
    });

    it('its rate allows more', async () => {
      await w.spec('s', { flow: { rate_limit: { units: 1, per: 30 } } });
      await w.add('s', 'a', 'b');
      await w.take('v');
      await listen();
      await w.advance(30 * SECOND);
      await hears('s');
    });

    describe('the clock has been set back, and it is time', () => {
      /** Lets a month pass that has been already, a minute at a time: whoever waits is to be given something long before its end. */
      async function hearsInTheMonth(): Promise<void> {
        await w.setClock(START - 30 * DAY);
        await expect
          .poll(async () => {
            await w.advance(MINUTE);
            if (ear.mustLook) w.repositories.feed.look();
            return ear.heard.splice(0).length > 0 ? await w.claimed('watcher') : [];
          }, LONG)
          .toHaveLength(1);
      }

      it('for a continuous spec, an interval later', async () => {
        await w.spec('s', { continuous: true, interval: 60 });
        await w.act(await w.take('watcher'), 'finish');
        await listen();
        await hearsInTheMonth();
      });

      it('for what a rate lets go', async () => {
        await w.spec('s', { flow: { rate_limit: { units: 1, per: 60 } } });
        await w.add('s', 'a', 'b');
        await w.take('v', { lifetime: 60 * DAY });
        await listen();
        await hearsInTheMonth();
      });
    });

    w.itWith('sharing', 'another daemon adds units', async () => {
      await w.spec('s');
      await listen();
      const another = await w.another();
      await another.units.add(w.namespace, 's', [{ name: 'a', priority: 0, data: Buffer.from([0xa0]) }]);
      await hears('s');
    });

    w.itWith('sharing', 'another daemon lets a spec go on', async () => {
      await w.spec('s', { disabled: true });
      await w.add('s', 'a');
      await listen();
      const another = await w.another();
      await another.specs.changeMeta(w.namespace, 's', { paused: false });
      await hears('s');
    });

    w.itWith('sharing', 'another daemon finishes what had to end first', async () => {
      await w.spec('s', { max_running: 1 });
      await w.add('s', 'a', 'b');
      const attempt = await w.take();
      await listen();
      const another = await w.another();
      await another.attempts.change(w.namespace, { ref: attempt, action: 'finish' });
      await hears('s');
    });
  });
}
