import type { Awaitable } from '../../domain/awaitable.js';
import type { Failure, NamespaceOverview } from '../../domain/overview.js';
import type { Micros } from '../../domain/time.js';

/**
 * How work stands and how it is getting on. What it takes is in proportion to the work specs, never to their units.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class OverviewRepository {
  /** All work specs of a namespace; none of one that is not there. What has run out by now has taken effect. */
  abstract read(namespace: string): Awaitable<NamespaceOverview>;

  /**
   * Units of some work specs that have failed since a moment, that one left out, oldest first: at most so many of each spec, the
   * latest. Specs that are not there have none.
   */
  abstract failures(
    namespace: string,
    workSpecs: readonly string[],
    since: Micros,
    limit: number,
  ): Awaitable<Failure[]>;
}
