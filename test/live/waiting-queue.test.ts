import { describe, expect, it } from 'vitest';
import type { Attempt, Claim, ClaimRequest } from '../../src/domain/attempt.js';
import { NO_CLAIM } from '../../src/domain/attempt.js';
import { OutcomeUnknownError, StorageUnavailableError } from '../../src/domain/errors.js';
import { MILLISECOND, SECOND } from '../../src/domain/time.js';
import { WorkFeed } from '../../src/domain/work-feed.js';
import type { WaitingClient } from '../../src/live/waiting/waiter.js';
import { WaitingQueue } from '../../src/live/waiting/waiting-queue.js';

const MINUTE = 60 * SECOND;

class TestFeed extends WorkFeed {
  readonly watched = new Set<string>();
  looks = 0;

  watch(namespace: string): void {
    this.watched.add(namespace);
  }
  unwatch(namespace: string): void {
    this.watched.delete(namespace);
  }
  look(): void {
    this.looks++;
  }
  say(workSpec?: string, units = 1): void {
    this.news.claimable('n', workSpec, units);
  }
  lookSoon(ms: number): void {
    this.news.lookIn(ms);
  }
}

/** Units by their spec, which claims take from; and claims that are answered when the test says so. */
class Desk {
  units: string[] = [];
  claims: string[] = [];
  greeted: string[] = [];
  takenBack: string[] = [];
  /** Set: claims are begun, and go on when this is called. */
  held: (() => void)[] | undefined;
  fails: Error | undefined;

  constructor(private readonly feed: TestFeed) {}

  claim(_namespace: string, request: ClaimRequest): Claim | Promise<Claim> {
    this.claims.push(request.worker);
    if (this.held === undefined) return this.carryOut(request);
    // As of a database: what it sees is decided at some time in between.
    return new Promise((resolve, reject) => {
      this.held!.push(() => {
        void Promise.resolve()
          .then(() => this.carryOut(request))
          .then(resolve, reject);
      });
    });
  }

  private carryOut({ workSpecs, units, worker }: ClaimRequest): Claim {
    if (this.fails) throw this.fails;
    const suits = (unit: string): boolean => !workSpecs || workSpecs.includes(unit.split('/')[0]);
    const first = this.units.find(suits);
    if (first === undefined) return NO_CLAIM;
    const [workSpec] = first.split('/');
    const taken = this.units.filter((unit) => unit.startsWith(`${workSpec}/`)).slice(0, units);
    this.units = this.units.filter((unit) => !taken.includes(unit));
    const attempts = taken.map((workUnit) => ({ workSpec, workUnit, worker }) as Attempt);
    return { workSpec, nameIsBytes: false, attempts };
  }

  takeBack(_namespace: string, attempts: readonly Attempt[]): void {
    for (const { workUnit } of attempts) {
      this.takenBack.push(workUnit);
      this.units.unshift(workUnit);
    }
    this.feed.say(attempts[0].workSpec);
  }

  greet(_namespace: string, worker: string): void {
    this.greeted.push(worker);
  }
}

function setUp() {
  const feed = new TestFeed();
  const desk = new Desk(feed);
  const queue = new WaitingQueue(desk, feed);
  const got: string[] = [];
  const wait = (
    worker: string,
    request: Partial<ClaimRequest> = {},
    span = MINUTE,
    client: WaitingClient = { leave: undefined },
  ): WaitingClient => {
    const claim = (async () =>
      await queue.claim('n', { worker, units: 1, lifetime: SECOND, ...request }, span, client))();
    claim.then(
      ({ attempts }) => got.push(`${worker}: ${attempts.map(({ workUnit }) => workUnit).join(' ') || 'nothing'}`),
      (error: Error) => got.push(`${worker}: ${error.message}`),
    );
    return client;
  };
  return { feed, desk, queue, got, wait };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('those who wait for work', () => {
  it('get it at once if there is some, and nobody watches then', async () => {
    const { desk, feed, got, wait } = setUp();
    desk.units = ['s/a'];
    wait('w');
    await turn();
    expect(got).toEqual(['w: s/a']);
    expect(feed.watched.size).toBe(0);
  });

  it('are served in the order in which they came', async () => {
    const { desk, feed, got, wait } = setUp();
    for (const worker of ['v', 'w', 'x']) wait(worker);
    for (const unit of ['s/a', 's/b', 's/c']) {
      desk.units.push(unit);
      feed.say('s');
      await turn();
    }
    expect(got).toEqual(['v: s/a', 'w: s/b', 'x: s/c']);
    expect(feed.watched.size).toBe(0);
  });

  it('are served so whatever else they ask for', async () => {
    const { desk, feed, got, wait } = setUp();
    wait('u', { workSpecs: ['t'] });
    wait('v', { workSpecs: ['s', 't'] });
    wait('w');
    wait('x', { workSpecs: ['t', 's'] });
    desk.units = ['s/a', 's/b', 's/c'];
    feed.say('s', 3);
    await turn();
    expect(got).toEqual(['v: s/a', 'w: s/b', 'x: s/c']);
  });

  it('are a thousand, and one unit wakes one', async () => {
    const { desk, feed, got, queue, wait } = setUp();
    for (let index = 0; index < 1000; index++) wait(`w${index}`);
    await turn();
    // One has looked for all of them, who are known for all that.
    expect(desk.claims).toEqual(['w0']);
    expect(desk.greeted).toHaveLength(999);
    desk.claims = [];
    desk.units = ['s/a'];
    feed.say('s');
    await turn();
    expect(got).toEqual(['w0: s/a']);
    // The next one is tried, in case that there is more.
    expect(desk.claims).toEqual(['w0', 'w1']);
    expect(queue.size).toBe(999);
  });

  it('are a thousand, and as many units wake all, more than were told of', async () => {
    const { desk, feed, got, wait } = setUp();
    for (let index = 0; index < 1000; index++) wait(`w${index}`);
    desk.units = Array.from({ length: 1000 }, (_, index) => `s/${index}`);
    feed.say('s', 3);
    await expect.poll(() => got.length).toBe(1000);
    expect(got).toEqual(desk.claims.slice(1).map((worker, index) => `${worker}: s/${index}`));
  });

  it('hear of nothing that is not for them', async () => {
    const { desk, feed, wait } = setUp();
    wait('v', { workSpecs: ['t'] });
    wait('w', { runtimes: ['go'] });
    await turn();
    desk.claims = [];
    feed.say('s');
    expect(desk.claims).toEqual(['w']);
  });

  it('get nothing when their time is over, on time', async () => {
    const { got, queue, wait } = setUp();
    wait('long', {}, MINUTE);
    const begun = performance.now();
    for (const ms of [30, 10, 20]) wait(`w${ms}`, {}, ms * MILLISECOND);
    await expect.poll(() => got.length, { interval: 2 }).toBe(3);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(30);
    expect(got).toEqual(['w10: nothing', 'w20: nothing', 'w30: nothing']);
    expect(queue.size).toBe(1);
  });

  it('get nothing all at once at the end, and nobody waits after it', async () => {
    const { got, queue, wait } = setUp();
    for (const worker of ['v', 'w']) wait(worker);
    queue.end();
    wait('x');
    await turn();
    expect(got).toEqual(['v: nothing', 'w: nothing', 'x: nothing']);
  });

  it('take nothing once their clients have left', async () => {
    const { desk, feed, got, wait } = setUp();
    const client = wait('v');
    wait('w');
    client.leave!();
    expect(client.leave).toBeUndefined();
    desk.units = ['s/a'];
    feed.say('s');
    await turn();
    expect(got).toEqual(['v: nothing', 'w: s/a']);
  });

  it('give back what they were given while their clients left, and the next gets it', async () => {
    const { desk, feed, got, wait } = setUp();
    const client = wait('v');
    wait('w');
    desk.units = ['s/a'];
    desk.held = [];
    feed.say('s');
    client.leave!();
    desk.held.shift()!();
    await expect.poll(() => desk.takenBack).toEqual(['s/a']);
    await expect
      .poll(() => {
        desk.held!.splice(0).forEach((goOn) => goOn());
        return got;
      })
      .toEqual(['v: s/a', 'w: s/a']);
  });

  it('are told when they may ask no more, and what they were woken for is passed on', async () => {
    const { desk, feed, got, wait } = setUp();
    let isOver = false;
    const mustBeKnown = (): void => {
      if (isOver) throw new Error('sign in first');
    };
    wait('v', {}, MINUTE, { leave: undefined, mustBeKnown });
    wait('w');
    desk.units = ['s/a'];
    isOver = true;
    feed.say('s');
    await turn();
    expect(got).toEqual(['v: sign in first', 'w: s/a']);
  });

  it('are told so within a second or two even when nothing happens', async () => {
    const { got, wait } = setUp();
    const mustBeKnown = (): void => {
      throw new Error('sign in first');
    };
    wait('v', {}, MINUTE, { leave: undefined, mustBeKnown });
    await expect.poll(() => got, { timeout: 10_000 }).toEqual(['v: sign in first']);
  });

  it('pass on what one of them fails to take', async () => {
    const { desk, feed, got, wait } = setUp();
    wait('v');
    wait('w');
    desk.units = ['s/a'];
    desk.held = [];
    feed.say('s');
    desk.fails = new OutcomeUnknownError('cut');
    desk.held.shift()!();
    await expect.poll(() => desk.held!.length).toBe(1);
    desk.fails = undefined;
    desk.held.shift()!();
    await expect.poll(() => got).toEqual([expect.stringMatching('v: storage unavailable: cut'), 'w: s/a']);
  });

  it('wait on while the storage is away, and hear of its errors only at their first look', async () => {
    const { desk, feed, got, wait } = setUp();
    wait('v');
    await turn();
    desk.fails = new StorageUnavailableError('away');
    feed.say('s');
    wait('u', { workSpecs: ['s'] });
    await turn();
    expect(got).toEqual(['u: storage unavailable: away']);
    desk.units = ['s/a'];
    desk.fails = undefined;
    await expect.poll(() => got.at(-1), { timeout: 10_000 }).toBe('v: s/a');
  });

  it('have the feed look when it wants to', async () => {
    const { feed, wait } = setUp();
    wait('v');
    feed.lookSoon(5);
    feed.lookSoon(10_000);
    await expect.poll(() => feed.looks).toBe(1);
  });
});

describe('between looking and waiting nothing is missed', () => {
  it('of what comes after the look, before it is known to have found nothing', async () => {
    const { desk, feed, got, wait } = setUp();
    desk.held = [];
    wait('v');
    expect(feed.watched.has('n')).toBe(true);
    const [goOn] = desk.held.splice(0);
    goOn();
    desk.units = ['s/a'];
    feed.say('s');
    await expect
      .poll(() => {
        desk.held!.splice(0).forEach((next) => next());
        return got;
      })
      .toEqual(['v: s/a']);
  });

  it('in whatever order looks, news and answers come', async () => {
    // Each history is a shuffle of these steps; whoever waits at the end although there is work would have missed it.
    for (let seed = 1; seed <= 300; seed++) {
      const { desk, feed, got, queue, wait } = setUp();
      let state = seed;
      const random = (below: number): number => {
        state = (state * 48271) % 2147483647;
        return state % below;
      };
      desk.held = [];
      const wanted = new Map<string, string | undefined>();
      let units = 0;
      const clients: WaitingClient[] = [];
      for (let step = 0; step < 60; step++) {
        switch (random(6)) {
          case 0:
          case 1: {
            const spec = random(3) === 0 ? 's' : undefined;
            wanted.set(`w${wanted.size}`, spec);
            clients.push(
              wait(`w${wanted.size - 1}`, { workSpecs: spec === undefined ? undefined : [spec], units: 1 + random(2) }),
            );
            break;
          }
          case 2:
            desk.units.push(`${random(2) === 0 ? 's' : 't'}/${units++}`);
            feed.say(desk.units.at(-1)!.split('/')[0]);
            break;
          case 3:
            if (random(4) === 0) clients[random(Math.max(1, clients.length))]?.leave?.();
            break;
          default:
            desk.held.splice(random(Math.max(1, desk.held.length)), 1).forEach((goOn) => goOn());
        }
        if (random(2) === 0) await turn();
      }
      await turn();
      while (desk.held.length > 0) {
        desk.held.splice(0).forEach((goOn) => goOn());
        await turn();
      }
      const answered = new Set(got.map((line) => line.split(':')[0]));
      const missed = [...wanted].filter(([worker, spec]) => {
        return !answered.has(worker) && desk.units.some((unit) => spec === undefined || unit.startsWith(`${spec}/`));
      });
      expect(missed, `seed ${seed}: ${desk.units.join(' ')} left, ${got.join(', ')}`).toEqual([]);
      queue.end();
    }
  });
});
