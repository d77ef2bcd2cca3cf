import type { HistorySpan, HistoryWindow } from '../../domain/history.js';
import { HistoryRepository } from '../../live/history/history.repository.js';
import { SpanSums } from '../../live/history/recorder/span-sums.js';
import type { MemoryStore } from './memory-store.js';

/** Reading a history to its end takes as long as so many small steps. */
const STEPS_OF_HISTORY = 64;

export class MemoryHistoryRepository extends HistoryRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override ofSpec(namespace: string, workSpec: string, window: HistoryWindow): HistorySpan[] {
    const spec = this.store.spec(namespace, workSpec);
    // What has run out takes effect, and is counted; but nobody waits for a long change to hear what was before it.
    spec.isBusy(this.store.now());
    const sums = new SpanSums(window);
    spec.history.addTo(sums);
    return sums.spans();
  }

  override async ofNamespace(namespace: string, window: HistoryWindow): Promise<HistorySpan[]> {
    const sums = new SpanSums(window);
    const slices = this.store.pace.slices();
    for (const { history } of [...(this.store.find(namespace)?.specs.values() ?? [])]) {
      history.addTo(sums);
      if (slices.isOver(STEPS_OF_HISTORY)) await slices.next();
    }
    return sums.spans();
  }
}
