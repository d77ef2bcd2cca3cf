import { WorkFeed } from '../../domain/work-feed.js';
import type { MemoryStore } from './memory-store.js';
import { type WatchListener, WorkWatch } from './work-watch.js';

/** Tells what happens in the memory of this process. Where nobody waits, a change of a unit costs one look at a field for it. */
export class MemoryWorkFeed extends WorkFeed implements WatchListener {
  private readonly watched = new Map<string, WorkWatch>();

  constructor(private readonly store: MemoryStore) {
    super();
    store.stopListeners.add((namespace) => this.stopped(namespace));
  }

  override get hearsStops(): boolean {
    return true;
  }

  override watch(namespace: string): void {
    const { store } = this;
    const before = store.watches.get(namespace);
    const watch = before instanceof WorkWatch ? before : new WorkWatch(store, namespace);
    store.watches.set(namespace, watch);
    watch.listeners.add(this);
    this.watched.set(namespace, watch);
    const state = store.find(namespace);
    if (state !== undefined) watch.begin(state);
  }

  override unwatch(namespace: string): void {
    const watch = this.watched.get(namespace);
    if (watch === undefined) return;
    this.watched.delete(namespace);
    watch.listeners.delete(this);
    // Several daemons share one store in tests.
    if (watch.listeners.size > 0) return;
    watch.end();
    this.store.watches.delete(namespace);
  }

  override look(): void {
    for (const watch of this.watched.values()) watch.look();
  }

  hasWork(namespace: string, workSpec: string, units: number): void {
    this.news.claimable(namespace, workSpec, units);
  }

  lookIn(ms: number): void {
    this.news.lookIn(ms);
  }
}
