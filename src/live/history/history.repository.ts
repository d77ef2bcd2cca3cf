import type { Awaitable } from '../../domain/awaitable.js';
import type { HistorySpan, HistoryWindow } from '../../domain/history.js';

/**
 * What happened to work: kept by the minute and the hour as `domain/history.ts` says, whatever becomes of the units. It goes with
 * its work spec. What another daemon counted on the same storage may be told some seconds later.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class HistoryRepository {
  /** The spans of a window in which something happened, oldest first. @throws NoSuchWorkSpecError */
  abstract ofSpec(namespace: string, workSpec: string, window: HistoryWindow): Awaitable<HistorySpan[]>;

  /** The same of all work specs of a namespace together; of one that is not there, none. */
  abstract ofNamespace(namespace: string, window: HistoryWindow): Awaitable<HistorySpan[]>;
}
