import { Injectable, Logger } from '@nestjs/common';
import type { Claim, ClaimRequest } from '../domain/attempt.js';
import type { Awaitable } from '../domain/awaitable.js';
import { type ByteName, checkByteName } from '../domain/names.js';
import type { Micros } from '../domain/time.js';
import { WorkFeed } from '../domain/work-feed.js';
import type { WaitingClient } from '../live/waiting/waiter.js';
import { type NewsListener, WaitingQueue } from '../live/waiting/waiting-queue.js';
import { WorkerRepository } from '../workers/worker.repository.js';
import { AttemptsService } from './attempts.service.js';
import { nameKey } from '../structures/name-key.js';

/** So many workers are remembered, of which a record has been made. */
const MOST_GREETED = 20_000;

/** Claims that wait for work, as both interfaces make them. */
@Injectable()
export class WaitingClaims {
  private readonly logger = new Logger('Attempts');
  private readonly queue: WaitingQueue;
  private readonly greeted = new Set<string>();

  constructor(
    attempts: AttemptsService,
    private readonly workers: WorkerRepository,
    feed: WorkFeed,
  ) {
    this.queue = new WaitingQueue(
      {
        claim: (namespace, request) => attempts.claim(namespace, request),
        takeBack: (namespace, given) => attempts.takeBack(namespace, given),
        greet: (namespace, worker) => this.greet(namespace, worker),
      },
      feed,
    );
  }

  /** How many wait now. */
  get size(): number {
    return this.queue.size;
  }

  /**
   * A claim that waits for work, for so long at most.
   * @throws InvalidValueError when the worker's name is too long, and what `claim` of AttemptsService throws
   */
  claim(namespace: string, request: ClaimRequest, wait: Micros, client: WaitingClient): Awaitable<Claim> {
    checkByteName('worker', request.worker);
    return this.queue.claim(namespace, request, wait, client);
  }

  /**
   * Has somebody hear when a claim in a namespace is worth a try, who makes it by themselves.
   * @returns what ends that
   */
  listen(namespace: string, listener: NewsListener): () => void {
    return this.queue.listen(namespace, listener);
  }

  /** The daemon is about to stop: all who wait are answered now, and nobody waits any more. */
  end(): void {
    this.queue.end();
  }

  /** Makes the record of a worker that waits behind others, as its claim would do. */
  private greet(namespace: string, worker: ByteName): void {
    const key = nameKey(namespace, worker);
    if (this.greeted.has(key)) return;
    if (this.greeted.size >= MOST_GREETED) this.greeted.clear();
    this.greeted.add(key);
    void this.record(namespace, worker);
  }

  private async record(namespace: string, worker: ByteName): Promise<void> {
    try {
      await this.workers.ensure(namespace, worker);
    } catch (error) {
      this.logger.debug(`no record of a worker that waits: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
