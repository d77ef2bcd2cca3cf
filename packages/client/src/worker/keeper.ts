import { hostname } from 'node:os';
import type { WorkerHandle } from '../rest/worker.js';
import { Backoff } from '../waiting.js';
import type { ClaimedLeases, Range } from './claimed-leases.js';
import { LeaseGroup, unitOfUrl } from './claimed-leases.js';

/** What is said to whoever keeps leases. */
export type ToKeeper =
  | { readonly hold: ClaimedLeases }
  | { readonly release: readonly Range[] }
  | { readonly done: number; readonly failed: number }
  | { readonly token: string }
  | { readonly stopping: true }
  | { readonly end: true };

/** What it says. */
export type FromKeeper =
  | { readonly lost: number; readonly status: number; readonly error: string; readonly message: string }
  | { readonly ended: true };

export interface KeeperSettings {
  /** In milliseconds, as all times here. */
  readonly lease: number;
  readonly heartbeat: number;
  readonly concurrency: number;
  /** Whether to hear at once of attempts that are cancelled. */
  readonly listen?: boolean;
}

/** A lease that is kept. */
interface Held {
  readonly id: number;
  readonly url: string;
  /** When it was claimed. */
  readonly since: number;
  /** When it is over unless it is renewed. */
  ends: number;
  /** When it is to be renewed. */
  due: number;
}

/** So many leases are renewed in one request. */
const BATCH = 500;
/** So many units are named in a sign of life. */
const SHOWN = 20;
/** How long the last sign of life may take. */
const GOODBYE_MS = 2_000;

/**
 * Keeps leases, each renewed at a third of it, and says that the worker is alive. It does not care which thread it is in: where the
 * event loop is its own, no handler keeps it from that.
 */
export class Keeper {
  /** Those of which none was renewed, by when they were claimed. */
  private groups: LeaseGroup[] = [];
  /** All others. */
  private readonly held = new Map<number, Held>();
  private renewing: ReturnType<typeof setTimeout> | undefined;
  private readonly beating: ReturnType<typeof setInterval>;
  private readonly counts = { done: 0, failed: 0 };
  private readonly started = new Date();
  private mode = 'RUN';
  private isOver = false;
  private readonly over = new AbortController();
  private isRenewing = false;
  /** Addresses of attempts that are said to be cancelled. */
  private readonly urgent = new Set<string>();
  private backoff: Backoff | undefined;

  constructor(
    private readonly worker: WorkerHandle,
    private readonly settings: KeeperSettings,
    private readonly tell: (message: FromKeeper) => void,
  ) {
    this.beating = setInterval(() => void this.beat(), settings.heartbeat);
    void this.beat();
    if (settings.listen) void this.listen();
  }

  take(message: Exclude<ToKeeper, { readonly token: string }>): void {
    if ('hold' in message) this.hold(message.hold);
    else if ('release' in message) this.release(message.release);
    else if ('done' in message) Object.assign(this.counts, message);
    else if ('stopping' in message) {
      this.mode = 'TERMINATE';
      void this.beat();
    } else void this.end();
  }

  /** What is said to be cancelled is renewed at once, which tells for sure. Where nothing can be heard the next renewal has to do. */
  private async listen(): Promise<void> {
    try {
      for await (const { attempt } of this.worker.events({ signal: this.over.signal })) {
        this.urgent.add(attempt);
        // Who is at it sees to it when it is done with what it is at.
        if (this.isRenewing) continue;
        clearTimeout(this.renewing);
        this.renewing = setTimeout(() => void this.renew(), 0);
      }
    } catch {
      // It is over, or the daemon knows of no such events.
    }
  }

  private hold(leases: ClaimedLeases): void {
    const now = monotonic();
    const { lease } = this.settings;
    this.groups.push(new LeaseGroup(leases, now, now + lease, now + lease / 3));
    // What is held by now is due before.
    this.renewing ??= setTimeout(() => void this.renew(), lease / 3);
  }

  private release(ranges: readonly Range[]): void {
    let group: LeaseGroup | undefined;
    for (const [from, to] of ranges) {
      for (let id = from; id <= to; id++) {
        if (!group?.has(id)) group = this.groups.find((each) => each.has(id));
        if (group) group.release(id);
        else this.held.delete(id);
      }
    }
    if (this.groups.some(({ left }) => left === 0)) this.groups = this.groups.filter(({ left }) => left > 0);
  }

  /** Looks at each for itself of those that are due until then; what is said to be cancelled may be any. */
  private takeApart(until: number): void {
    const isDue = ({ due }: LeaseGroup): boolean => due <= until || this.urgent.size > 0;
    for (const group of this.groups.filter(isDue)) {
      const { since, ends, due } = group;
      for (const lease of group) this.held.set(lease.id, { ...lease, since, ends, due });
    }
    this.groups = this.groups.filter((group) => !isDue(group));
  }

  private async renew(): Promise<void> {
    const { lease } = this.settings;
    this.isRenewing = true;
    const begun = monotonic();
    // What is due soon after goes along.
    const until = begun + lease / 20;
    this.takeApart(until);
    for (const each of this.held.values()) if (this.urgent.has(each.url)) each.due = begun;
    this.urgent.clear();
    const due = [...this.held.values()].filter((each) => Math.min(each.due, each.ends) <= until);
    for (let at = 0; at < due.length && !this.isOver; at += BATCH) {
      await this.renewSome(due.slice(at, at + BATCH).filter(({ id }) => this.held.has(id)));
    }
    this.isRenewing = false;
    if (this.isOver) return;
    const next =
      this.urgent.size > 0
        ? monotonic()
        : [...this.held.values(), ...this.groups].reduce((next, { due, ends }) => Math.min(next, due, ends), Infinity);
    this.renewing =
      next === Infinity ? undefined : setTimeout(() => void this.renew(), Math.max(1, next - monotonic()));
  }

  private async renewSome(some: readonly Held[]): Promise<void> {
    const { lease } = this.settings;
    const sent = monotonic();
    const alive = some.filter((each) => each.ends > sent || this.lose(each, RAN_OUT));
    if (alive.length === 0) return;
    const earliest = Math.min(...alive.map(({ ends }) => ends));
    try {
      const timeout = Math.max(1, Math.min(lease / 4, earliest - sent));
      const results = await this.worker.renew(
        alive.map(({ url }) => url),
        { lease, timeout },
      );
      this.backoff = undefined;
      for (const [i, { error }] of results.entries()) {
        if (error) this.lose(alive[i], error);
        else Object.assign(alive[i], { ends: sent + lease, due: sent + lease / 3 });
      }
    } catch {
      // The daemon is away, or does not want to. It is asked again as long as there is a lease.
      this.backoff ??= new Backoff(lease / 60, Math.min(2_000, lease / 12));
      const again = monotonic() + this.backoff.next();
      for (const each of alive) each.due = again;
    }
  }

  /** @returns false */
  private lose({ id }: Held, { status, error, message }: { status: number; error: string; message: string }): boolean {
    if (this.held.delete(id)) this.tell({ lost: id, status, error, message });
    return false;
  }

  private async beat(): Promise<void> {
    const { heartbeat, concurrency } = this.settings;
    const now = monotonic();
    const units = this.oldest(SHOWN);
    const data = {
      host: hostname(),
      pid: process.pid,
      node: process.version,
      started: this.started.toISOString(),
      rss: process.memoryUsage.rss(),
      concurrency,
      ...this.counts,
      holds: this.groups.reduce((holds, { left }) => holds + left, this.held.size),
      units: units.map(({ url, since }) => ({ ...unitOfUrl(url), seconds: Math.round((now - since) / 1000) })),
    };
    try {
      await this.worker.update({ mode: this.mode, data, lifetime: 4 * heartbeat, timeout: heartbeat });
    } catch {
      // The next one says as much.
    }
  }

  /** So many at most of what is held. */
  private oldest(most: number): Pick<Held, 'url' | 'since'>[] {
    const some: Pick<Held, 'url' | 'since'>[] = [];
    for (const each of this.held.values()) if (some.push(each) >= most) return some;
    for (const group of this.groups) {
      for (const { url } of group) if (some.push({ url, since: group.since }) >= most) return some;
    }
    return some;
  }

  private async end(): Promise<void> {
    this.isOver = true;
    this.over.abort();
    clearTimeout(this.renewing);
    clearInterval(this.beating);
    await this.worker.deactivate({ timeout: GOODBYE_MS }).catch(() => undefined);
    this.tell({ ended: true });
  }
}

const RAN_OUT = { status: 409, error: 'ErrLostLease', message: 'the lease ran out while the daemon was out of reach' };

/** Milliseconds that no change of the clock of this machine touches. */
export function monotonic(): number {
  return performance.now();
}
