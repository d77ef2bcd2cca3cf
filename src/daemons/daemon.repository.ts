import type { Awaitable } from '../domain/awaitable.js';
import type { DaemonSign } from '../domain/daemon.js';

/**
 * The daemons that have a storage open, whatever they keep there.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class DaemonRepository {
  /**
   * Those that have it open, and those that have gone without closing it, for a day at least: MOST_DAEMONS at most, first who gave the
   * latest sign of life. To ask is one, of the daemon that asks the storage.
   */
  abstract list(): Awaitable<DaemonSign[]>;
}
