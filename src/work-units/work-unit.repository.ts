import type { Awaitable } from '../domain/awaitable.js';
import type { Attempt, AttemptList, Cancellation } from '../domain/attempt.js';
import type { ByteName } from '../domain/names.js';
import type {
  FailureGroup,
  MeasuredUnit,
  NameSearch,
  NewWorkUnits,
  PriorityChange,
  SelectedCounts,
  WorkUnit,
  WorkUnitChange,
  WorkUnitQuery,
} from '../domain/work-unit.js';

/**
 * Work units of a spec. What names a spec that is not there throws NoSuchWorkSpecError, a unit NoSuchWorkUnitError.
 * Listings are sorted bytewise by name and cost in proportion to the rows returned, whatever the filter.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class WorkUnitRepository {
  /**
   * Adds units, all or none; the last of duplicates wins. A unit that exists gets the new data and meta: a pending one
   * stays pending and its attempt keeps its data, any other has no active attempt afterwards. History stays.
   */
  abstract add(namespace: string, workSpec: string, units: NewWorkUnits): Awaitable<void>;

  /** @throws NoSuchWorkUnitError */
  abstract get(namespace: string, workSpec: string, name: ByteName): Awaitable<WorkUnit>;

  /** In the order asked, undefined for one that is missing. */
  abstract getMany(
    namespace: string,
    workSpec: string,
    names: readonly ByteName[],
  ): Awaitable<(WorkUnit | undefined)[]>;

  abstract list(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<WorkUnit[]>;

  /** As list, but names only: a listing of many units must not drag their data along. */
  abstract listNames(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<ByteName[]>;

  /**
   * As listNames, of a query with `contains`: it looks at no more than MOST_LOOKS names, and says how far it came. What it does
   * not come to is to be asked for by `previous`.
   */
  abstract search(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<NameSearch>;

  /**
   * Counts by status what a query selects, whatever its limit: it looks at no more than MOST_LOOKS units, and says how far it came.
   * What it does not come to is to be asked for by `previous`.
   */
  abstract count(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<SelectedCounts>;

  /**
   * The causes of the units that are failed now, those of most units first, those of equally many by cause; so many at most.
   * What it costs does not depend on the number of units.
   */
  abstract failures(namespace: string, workSpec: string, limit: number): Awaitable<FailureGroup[]>;

  /** As list, but what there would be to read of each: whoever reads much must know before how much it is. */
  abstract measure(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<MeasuredUnit[]>;

  /** @throws NoSuchWorkUnitError */
  abstract change(namespace: string, workSpec: string, name: ByteName, change: WorkUnitChange): Awaitable<void>;

  /** @returns how many units the query selected */
  abstract prioritize(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    change: PriorityChange,
  ): Awaitable<number>;

  /**
   * Clears the active attempt of every unit selected; of a query for a cause, a part of names or a worker only of those that had failed before
   * it began. @returns how many
   */
  abstract clear(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<number>;

  /**
   * Stops the attempts of those units selected that are pending: no report of theirs counts from then on.
   * @returns how many units those were
   */
  abstract cancel(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    cancellation: Cancellation,
  ): Awaitable<number>;

  /** Deletes the units selected with their attempts. @returns how many */
  abstract delete(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<number>;

  /** All its attempts with their data, oldest first: for those who know that there are few. @throws NoSuchWorkUnitError */
  abstract attempts(namespace: string, workSpec: string, name: ByteName): Awaitable<Attempt[]>;

  /** Those whose number is greater than `after`, however many. @throws NoSuchWorkUnitError */
  abstract history(namespace: string, workSpec: string, name: ByteName, after?: number): Awaitable<AttemptList>;

  /** @throws NoSuchWorkUnitError */
  abstract numAttempts(namespace: string, workSpec: string, name: ByteName): Awaitable<number>;
}
