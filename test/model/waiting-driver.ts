import { expect } from 'vitest';
import type { Claim, ClaimRequest } from '../../src/domain/attempt.js';
import type { Awaitable } from '../../src/domain/awaitable.js';
import type { ByteName } from '../../src/domain/names.js';
import { MILLISECOND, MINUTE } from '../../src/domain/time.js';
import type { WorkNews } from '../../src/domain/work-feed.js';
import { WorkFeed } from '../../src/domain/work-feed.js';
import type { WaitingClient } from '../../src/live/waiting/waiter.js';
import { WaitingQueue } from '../../src/live/waiting/waiting-queue.js';
import type { Repositories } from '../contract/harness.js';
import { Driver } from './driver.js';
import type { Operation, Step, Waiting } from './operations.js';
import type { ClaimAsk } from './reference/claim.js';
import { couldGive } from './reference/claim.js';

/** What every claim draws by. */
export const POINT = 0.5;
/** So often at least, in milliseconds, somebody looks whether anything may be had that nobody has told of. */
export const LOOKED_MS = 1_350;
/** In so many turns of the event loop at most all is told, and claims are made, that a change leads to. */
const MOST_TURNS = 100;

/** A feed whose looks are made when so much time has gone by in the test. */
class TestFeed extends WorkFeed {
  /** When it wishes to look. */
  lookAt = Infinity;

  constructor(
    private readonly feed: WorkFeed,
    /** How much time has gone by, which goes on where the clock is set back. */
    private readonly elapsed: () => number,
  ) {
    super();
  }

  override tell(news: WorkNews): void {
    this.feed.tell({
      claimable: (...what) => news.claimable(...what),
      lookIn: (ms) => (this.lookAt = Math.min(this.lookAt, this.elapsed() + ms * MILLISECOND)),
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
  protected feed!: TestFeed;
  private queue!: WaitingQueue;
  protected elapsed = 0;
  /** What was done for those who wait, in its order. */
  private readonly done: (() => void)[] = [];
  private readonly standing: Standing[] = [];
  /** How many of those who waited were given something. */
  woken = 0;

  /** The feed is that of the storage as it is after having been emptied. */
  override async begin(): Promise<void> {
    await super.begin();
    await this.open();
    this.feed = new TestFeed(this.waitsAt.feed, () => this.elapsed);
    this.queue = new WaitingQueue(
      {
        claim: (namespace, request) => this.claimFor(namespace, request),
        takeBack: () => expect.fail('somebody was given units after having left'),
        greet: (namespace, worker) => this.greet(namespace, worker),
      },
      this.feed,
    );
  }

  /** Opens what is needed, of a storage that is empty. */
  protected open(): Awaitable<void> {
    return undefined;
  }

  /** The daemon where they wait. */
  protected get waitsAt(): Repositories {
    return this.backend.repositories;
  }

  protected override moveTo(moment: number): Promise<void> {
    this.elapsed += moment < this.now ? LOOKED_MS * MILLISECOND : moment - this.now;
    return super.moveTo(moment);
  }

  async stepOrWait(step: Step | Waiting): Promise<void> {
    if ('wait' in step) this.wait(step.namespace, step.wait);
    else if ('leave' in step) await this.leave();
    else await this.step(step);
    await this.settle();
  }

  async end(): Promise<void> {
    this.queue.end();
    await Promise.resolve();
  }

  protected leave(): Awaitable<void> {
    this.standing.find(({ given }) => !given)?.client.leave?.();
  }

  protected greet(namespace: string, worker: ByteName): void {
    void this.waitsAt.workers.ensure(namespace, worker);
    this.done.push(() => void this.expect(namespace, { do: 'ensure worker', worker }));
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

  protected claimFor(namespace: string, ask: ClaimRequest): Awaitable<Claim> {
    this.backend.setRandom(() => POINT);
    const claim = this.waitsAt.attempts.claim(namespace, ask) as Claim;
    this.done.push(() => this.expectClaim(namespace, ask, claim));
    return claim;
  }

  protected expectClaim(namespace: string, ask: ClaimRequest, { attempts }: Claim): void {
    const shown = attempts.map(({ workSpec, workUnit, start }) => [workSpec, workUnit, start]);
    const operation: Operation = { do: 'claim', ask: ask as ClaimAsk, random: POINT };
    const expected = this.expect(namespace, operation) as { spec: string; unit: string; start: number }[];
    expect(shown, `what ${ask.worker} was given that waits`).toEqual(
      expected.map(({ spec, unit, start }) => [spec, unit, start]),
    );
  }

  /** Lets all happen that the last step leads to, does the same to the reference model, and sees who waits still. */
  protected async settle(): Promise<void> {
    // Timers count whole milliseconds.
    if (this.feed.lookAt <= this.elapsed + MILLISECOND) this.feed.look();
    for (let quiet = 0, turn = 0; quiet < 4; turn++) {
      if (turn > MOST_TURNS) expect.fail('claims go on and on');
      await new Promise(setImmediate);
      quiet = this.done.length > 0 ? 0 : quiet + 1;
      for (const done of this.done.splice(0)) done();
    }
    await this.learn();
    const passedOver = this.passedOver();
    if (passedOver !== undefined) expect.fail(passedOver);
  }

  /** Who waits although there is something for it, if there is somebody. */
  protected passedOver(): string | undefined {
    const one = this.standing.find(({ namespace, ask, given }) => !given && couldGive(this.world, namespace, ask));
    return one && `${JSON.stringify(one.ask)} waits in ${JSON.stringify(one.namespace)}, although there is something`;
  }
}
