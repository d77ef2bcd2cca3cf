import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { CoordinateError as AnsweredError, ConnectionError } from 'coordinate-client';
import { InvalidValueError, StorageUnavailableError } from '../../domain/errors.js';
import type { RetentionPolicy, RetentionResult } from '../../domain/retention.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { WorkFeed } from '../../domain/work-feed.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import { SnapshotRepository } from '../../snapshots/snapshot.repository.js';
import { DaemonChain } from '../../storage-calls/calls/daemon-chain.js';
import { StorageHealth } from '../storage-health.js';
import type { OtherDaemon } from './other-daemon.js';

/** How long until a daemon is asked again that was away, in milliseconds. */
const AWAY_MS = 1_000;
/** How long it may take to say whether it is ready, in milliseconds. */
const READY_MS = 5_000;

/** This daemon, before the one that keeps its state. */
export class HttpChain extends DaemonChain {
  constructor(private readonly other: OtherDaemon) {
    super();
  }

  override async ids(asking: readonly string[]): Promise<readonly string[]> {
    if (asking.includes(this.id)) return [this.id];
    try {
      return [this.id, ...(await this.other.storage.chain([...asking, this.id]))];
    } catch (error) {
      throw this.other.errorOf(error);
    }
  }

  /** Whether the daemons behind this one lead back to it. @throws what the client throws */
  async isCircle(): Promise<boolean> {
    return (await this.other.storage.chain([this.id])).includes(this.id);
  }
}

/** Whether the other daemon can serve. */
export class HttpHealth extends StorageHealth {
  private readonly logger = new Logger('storage');
  private isDraining = false;

  constructor(
    private readonly other: OtherDaemon,
    private readonly chain: HttpChain,
  ) {
    super();
  }

  override async ready(): Promise<string | undefined> {
    try {
      await this.other.storage.ready({ timeout: READY_MS });
      return undefined;
    } catch (error) {
      return this.other.errorOf(error).reason;
    }
  }

  override async opened(): Promise<void> {
    for (let tries = 1; !this.isDraining; tries++) {
      try {
        if (!(await this.chain.isCircle())) return;
      } catch (error) {
        const { reason } = this.other.errorOf(error);
        if (!isAway(error)) throw new Error(`-backend ${reason}`, { cause: error });
        if (tries === 1) this.logger.warn(`waiting for ${reason}`);
        await pause(AWAY_MS);
        continue;
      }
      throw new Error(`-backend ${this.other.url}: a circle: that daemon keeps its state in this one`);
    }
    throw new StorageUnavailableError(`${this.other.url}: the daemon is about to end`);
  }

  override drain(): void {
    this.isDraining = true;
  }
}

/** Whether it may come back by itself. */
function isAway(error: unknown): boolean {
  if (error instanceof AnsweredError) return error.status === 429 || (error.status >= 502 && error.status <= 504);
  return error instanceof ConnectionError || (error as Error).name === 'TimeoutError';
}

/** Listens to the other daemon for each namespace that is watched. */
export class HttpWorkFeed extends WorkFeed {
  private readonly watched = new Map<string, AbortController>();

  constructor(private readonly other: OtherDaemon) {
    super();
    other.onStopped = (namespace) => this.stopped(namespace);
  }

  override watch(namespace: string): void {
    const over = new AbortController();
    this.watched.set(namespace, over);
    void this.listen(namespace, over.signal);
  }

  override unwatch(namespace: string): void {
    this.watched.get(namespace)?.abort();
    this.watched.delete(namespace);
  }

  /** Time goes by at the other daemon, which tells what it brings. */
  override look(): void {}

  private async listen(namespace: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const { spec, units } of this.other.storage.work(namespace, signal)) {
          if (!signal.aborted) this.news.claimable(namespace, spec, units);
        }
      } catch {
        // Whoever waits makes a claim now and then by which it hears what is wrong.
        if (signal.aborted) return;
        await pause(AWAY_MS);
        if (!signal.aborted) this.news.claimable(namespace, undefined, 1);
      }
    }
  }
}

const NOTHING: RetentionResult = { units: 0, workers: 0, more: false };

/** What the other daemon keeps is for that to say; what clients ask for is done there. */
export class HttpMaintenanceRepository extends MaintenanceRepository {
  constructor(private readonly other: OtherDaemon) {
    super();
  }

  override retain(
    policy: RetentionPolicy,
    scope?: { namespace: string; workSpecs?: readonly string[] },
  ): Awaitable<RetentionResult> {
    if (scope === undefined) return NOTHING;
    return this.other.call('maintenance.retain', [policy, scope]) as Promise<RetentionResult>;
  }
}

/** A dump is of the daemon that keeps the state, which alone has all of it at one moment. */
export class HttpSnapshotRepository extends SnapshotRepository {
  override readonly keepsWhatChanges = false;

  constructor(private readonly other: OtherDaemon) {
    super();
  }

  override read<T>(): Promise<T> {
    return Promise.reject(this.elsewhere('take the dump there'));
  }

  override restore(): Promise<void> {
    return Promise.reject(this.elsewhere('restore there'));
  }

  private elsewhere(what: string): InvalidValueError {
    return new InvalidValueError('backend', `is another daemon, ${this.other.url}, that keeps the state: ${what}`);
  }
}
