import { expect } from 'vitest';
import type { Claim, ClaimRequest } from '../../src/domain/attempt.js';
import type { ByteName } from '../../src/domain/names.js';
import type { OpenBackend, Repositories } from '../contract/harness.js';
import type { Step } from './operations.js';
import { LOOKED_MS, POINT, WaitingDriver } from './waiting-driver.js';

/** On a machine that does other things as well it may take so long until all has happened that an operation leads to, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * As WaitingDriver, of a backend that answers later: each claim for those who wait is made between two steps, or two other claims, and so
 * has its place in the history. Looks are made only when the clock has been moved: else it is by what is told that somebody is woken.
 */
export class LaterWaitingDriver extends WaitingDriver {
  private another: Repositories | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  /** How many things are under way, or wait for their turn. */
  private underWay = 0;
  private failure: unknown;
  private settledAt = 0;

  /** @param isApart - whether they wait at another daemon than the one that carries out the operations */
  constructor(
    backend: OpenBackend,
    private readonly isApart: boolean,
  ) {
    super(backend);
  }

  protected override get waitsAt(): Repositories {
    return this.another ?? super.waitsAt;
  }

  protected override async open(): Promise<void> {
    if (this.isApart) this.another = await this.backend.another!();
    for (const { feed } of [this.backend.repositories, this.waitsAt]) {
      await expect.poll(() => feed.hearsStops, { timeout: PATIENCE_MS, interval: 5 }).toBe(true);
    }
  }

  override step(step: Step): Promise<void> {
    return this.inTurn(() => super.step(step));
  }

  override async end(): Promise<void> {
    await super.end();
    await this.quiet();
  }

  protected override async leave(): Promise<void> {
    // Who is being given something can't be made to leave: nobody could tell what became of it.
    await this.quiet();
    await super.leave();
  }

  protected override greet(namespace: string, worker: ByteName): void {
    const greeted = this.inTurn(async () => {
      await this.waitsAt.workers.ensure(namespace, worker);
      this.expect(namespace, { do: 'ensure worker', worker });
    });
    greeted.catch((error: unknown) => (this.failure ??= error));
  }

  protected override claimFor(namespace: string, ask: ClaimRequest): Promise<Claim> {
    return this.inTurn(async () => {
      this.backend.setRandom(() => POINT);
      const claim = await this.waitsAt.attempts.claim(namespace, ask);
      try {
        this.expectClaim(namespace, ask, claim);
        await this.learn();
      } catch (error) {
        this.failure ??= error;
      }
      return claim;
    });
  }

  protected override async settle(): Promise<void> {
    const hasMoved = this.elapsed !== this.settledAt;
    this.settledAt = this.elapsed;
    const begun = performance.now();
    for (;;) {
      if (hasMoved) {
        this.backend.letGoBy?.(LOOKED_MS);
        this.feed.look();
      }
      await this.quiet();
      if (this.failure !== undefined) throw this.failure as Error;
      const passedOver = this.passedOver();
      if (passedOver === undefined) return;
      if (performance.now() - begun > PATIENCE_MS) expect.fail(passedOver);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Does something when all is over that came before. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.underWay++;
    const done = this.turn.then(work).finally(() => this.underWay--);
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Nothing is under way that could be seen here. */
  private async quiet(): Promise<void> {
    for (let turns = 0; turns < 3; turns++) {
      await new Promise(setImmediate);
      if (this.underWay === 0) continue;
      await this.turn;
      turns = -1;
    }
  }
}
