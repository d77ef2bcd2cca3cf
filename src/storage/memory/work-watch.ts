import { Moments } from '../../domain/scheduler/moments.js';
import { MILLISECOND, type Micros, SECOND } from '../../domain/time.js';
import type { Claimable, ClaimableWatch } from './claimable.js';
import type { MemoryStore, NamespaceWatch } from './memory-store.js';
import type { NamespaceState } from './namespace-state.js';
import type { SpecState } from './spec-state.js';

/** Hears what a watch sees. */
export interface WatchListener {
  /** A work spec has so many units to give. */
  hasWork(namespace: string, workSpec: string, units: number): void;
  /** The watch is to look again in so many milliseconds, or before. */
  lookIn(ms: number): void;
}

/** So many specs are looked at in one turn of the event loop. */
const MOST_AT_ONCE = 1_000;
/** What is due later is looked at again after so many milliseconds: the clock may have been set. */
const LONGEST_MS = 1_000;

/**
 * Sees which work specs of a namespace have something to give after a change of them, or when something of them has run out. What
 * changes in one turn of the event loop is looked at once, at the end of it.
 */
export class WorkWatch implements NamespaceWatch, ClaimableWatch<SpecState> {
  readonly listeners = new Set<WatchListener>();
  private noted: Claimable<SpecState>[] = [];
  private readonly moments = new Moments<Claimable<SpecState>>();

  constructor(
    private readonly store: MemoryStore,
    private readonly namespace: string,
  ) {}

  begin({ claimables }: NamespaceState): void {
    claimables.watch = this;
    if (claimables.pool === undefined) for (const one of claimables.all) if (one !== undefined) this.changed(one);
    // Of very many it is known which have changed.
    claimables.pool?.lookAnew(this.store.now());
    this.planNext();
  }

  end(): void {
    const state = this.store.find(this.namespace);
    if (state === undefined) return;
    state.claimables.watch = undefined;
    for (const one of this.noted) one.isNoted = false;
    this.noted = [];
    for (let entry = this.moments.take(Infinity); entry !== undefined; entry = this.moments.take(Infinity)) {
      entry.of.watchedUntil = Infinity;
    }
  }

  changed(claimable: Claimable<SpecState>): void {
    if (claimable.isNoted) return;
    claimable.isNoted = true;
    if (this.noted.push(claimable) === 1) setImmediate(this.tell);
  }

  /** Something may have run out. */
  look(): void {
    const now = this.store.now();
    const claimables = this.store.find(this.namespace)?.claimables;
    // Where the clock has been set back, what was to be later may come earlier.
    claimables?.noteTime(now);
    for (let entry = this.moments.take(now); entry !== undefined; entry = this.moments.take(now)) {
      const { of: one, at } = entry;
      if (one.watchedUntil !== at) continue;
      one.watchedUntil = Infinity;
      this.changed(one);
    }
    claimables?.pool?.lookAnew(now);
    this.planNext();
  }

  private readonly tell = (): void => {
    const noted = this.noted.splice(0, MOST_AT_ONCE);
    if (this.noted.length > 0) setImmediate(this.tell);
    const now = this.store.now();
    const specs = this.store.find(this.namespace)?.specs;
    for (const one of noted) {
      one.isNoted = false;
      if (this.isOver) continue;
      const { name } = one.spec.definition;
      if (specs?.get(name) === one.spec) this.lookAt(one, name, now);
    }
    this.planNext();
  };

  /** Nobody waits any more. What is told may bring that about: who was told may have been the last one. */
  private get isOver(): boolean {
    return this.listeners.size === 0;
  }

  private lookAt(one: Claimable<SpecState>, name: string, now: Micros): void {
    if (one.validUntil <= now) one.refresh(now);
    // Of one that is behind a gate it is told when that opens.
    if (one.offer === 'busy') return;
    if (one.offer === 'work') {
      const units = Math.max(1, one.spec.available);
      for (const listener of this.listeners) listener.hasWork(this.namespace, name, units);
    }
    // When it is to be looked at again is for the next watch to say.
    if (this.isOver) return;
    // A continuous spec whose time has come makes no unit while the memory is full, and nobody says when there is room.
    const until = one.validUntil > now ? one.validUntil : now + SECOND;
    if (until >= one.watchedUntil) return;
    one.watchedUntil = until;
    this.moments.add(until, one);
    const specs = this.store.find(this.namespace)?.specs.size ?? 0;
    if (this.moments.areTooMany(specs)) this.moments.keep(({ watchedUntil }) => watchedUntil < Infinity);
  }

  private planNext(): void {
    const pool = this.store.find(this.namespace)?.claimables.pool;
    const earliest = Math.min(this.moments.first?.at ?? Infinity, pool?.earliest ?? Infinity);
    if (earliest === Infinity) return;
    const ms = Math.ceil((earliest - this.store.now()) / MILLISECOND);
    const later = Math.min(LONGEST_MS, Math.max(1, ms));
    for (const listener of this.listeners) listener.lookIn(later);
  }
}
