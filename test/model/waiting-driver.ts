import { expect } from 'vitest';
import type { Claim, ClaimRequest } from '../../src/domain/attempt.js';
import { MILLISECOND, MINUTE } from '../../src/domain/time.js';
import type { WorkNews } from '../../src/domain/work-feed.js';
import { WorkFeed } from '../../src/domain/work-feed.js';
import type { WaitingClient } from '../../src/live/waiting/waiter.js';
import { WaitingQueue } from '../../src/live/waiting/waiting-queue.js';
import { Driver } from './driver.js';
import type { Operation, Step, Waiting } from './operations.js';
import type { ClaimAsk } from './reference/claim.js';
import { couldGive } from './reference/claim.js';

/** What every claim draws by. */
const POINT = 0.5;
/** In so many turns of the event loop at most all is told, and claims are made, that a change leads to. */
const MOST_TURNS = 100;

/** A feed whose looks are made when the clock of the test says so. */
class TestFeed extends WorkFeed {
  /** When it wishes to look, by the clock of the test. */
  lookAt = Infinity;

  constructor(
    private readonly feed: WorkFeed,
    private readonly now: () => number,
  ) {
    super();
  }

  override tell(news: WorkNews): void {
    this.feed.tell({
      claimable: (...what) => news.claimable(...what),
      lookIn: (ms) => (this.lookAt = Math.min(this.lookAt, this.now() + ms * MILLISECOND)),
    });
  }

  override watch(namespace: string): void {
    this.feed.watch(namespace);
  }

  override unwatch(namespace: string): void {
    this.feed.unwatch(namespace);
  }

  override look(): void {
    this.lookAt = Infinity;
    this.feed.look();
  }
}

interface Standing {
  readonly namespace: string;
  readonly ask: ClaimAsk;
  readonly client: WaitingClient;
  given: Claim | undefined;
}

/**
 * Has workers wait among operations. Each claim that is made for one of them must give what the reference model gives at that place
 * of the history; and when all that an operation leads to has happened, nobody waits who could be given something.
 */
export class WaitingDriver extends Driver {
  private feed!: TestFeed;
  private queue!: WaitingQueue;
  /** What was done for those who wait, in its order. */
  private readonly done: (() => void)[] = [];
  private readonly standing: Standing[] = [];
  /** How many of those who waited were given something. */
  woken = 0;

  /** The feed is that of the storage as it is after having been emptied. */
  override async begin(): Promise<void> {
    await super.begin();
    this.feed = new TestFeed(this.backend.repositories.feed, () => this.now);
    this.queue = new WaitingQueue(
      {
        claim: (namespace, request) => this.claimFor(namespace, request),
        takeBack: () => expect.fail('somebody was given units after having left'),
        greet: (namespace, worker) => {
          void this.backend.repositories.workers.ensure(namespace, worker);
          this.done.push(() => void this.expect(namespace, { do: 'ensure worker', worker }));
        },
      },
      this.feed,
    );
  }

  async stepOrWait(step: Step | Waiting): Promise<void> {
    if ('wait' in step) this.wait(step.namespace, step.wait);
    else if ('leave' in step) this.standing.find(({ given }) => !given)?.client.leave?.();
    else await this.step(step);
    await this.settle();
  }

  end(): void {
    this.queue.end();
  }

  private wait(namespace: string, ask: ClaimAsk): void {
    const one: Standing = { namespace, ask, client: { leave: undefined }, given: undefined };
    this.standing.push(one);
    const before = this.queue.size;
    const claim = this.queue.claim(namespace, ask, MINUTE, one.client);
    const waits = this.queue.size > before;
    void Promise.resolve(claim).then((given) => {
      one.given = given;
      if (waits && given.attempts.length > 0) this.woken++;
    });
  }

  private claimFor(namespace: string, ask: ClaimRequest): Claim {
    this.backend.setRandom(() => POINT);
    const claim = this.backend.repositories.attempts.claim(namespace, ask) as Claim;
    const operation: Operation = { do: 'claim', ask: ask as ClaimAsk, random: POINT };
    const shown = claim.attempts.map(({ workSpec, workUnit, start }) => [workSpec, workUnit, start]);
    this.done.push(() => {
      const expected = this.expect(namespace, operation) as { spec: string; unit: string; start: number }[];
      expect(shown, `what ${ask.worker} was given that waits`).toEqual(
        expected.map(({ spec, unit, start }) => [spec, unit, start]),
      );
    });
    return claim;
  }

  /** Lets all happen that the last step leads to, does the same to the reference model, and sees who waits still. */
  private async settle(): Promise<void> {
    // Timers count whole milliseconds.
    if (this.feed.lookAt <= this.now + MILLISECOND) this.feed.look();
    for (let quiet = 0, turn = 0; quiet < 4; turn++) {
      if (turn > MOST_TURNS) expect.fail('claims go on and on');
      await new Promise(setImmediate);
      quiet = this.done.length > 0 ? 0 : quiet + 1;
      for (const done of this.done.splice(0)) done();
    }
    await this.learn();
    for (const { namespace, ask, given } of this.standing) {
      if (!given && couldGive(this.world, namespace, ask)) {
        expect.fail(`${JSON.stringify(ask)} waits in ${JSON.stringify(namespace)}, although there is something for it`);
      }
    }
  }
}
