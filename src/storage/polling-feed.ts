import { WorkFeed } from '../domain/work-feed.js';

/** Between two looks, in milliseconds. */
const PERIOD_MS = 1_000;

/** For a storage that tells nothing by itself: whoever waits looks again every second. */
export class PollingFeed extends WorkFeed {
  private readonly watched = new Set<string>();

  override watch(namespace: string): void {
    this.watched.add(namespace);
    if (this.watched.size === 1) this.news.lookIn(PERIOD_MS);
  }

  override unwatch(namespace: string): void {
    this.watched.delete(namespace);
  }

  override look(): void {
    for (const namespace of this.watched) this.news.claimable(namespace, undefined, 1);
    if (this.watched.size > 0) this.news.lookIn(PERIOD_MS);
  }
}
