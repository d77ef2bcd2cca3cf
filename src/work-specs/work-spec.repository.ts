import type { Awaitable } from '../domain/awaitable.js';
import type {
  MeasuredSpec,
  WorkSpec,
  WorkSpecDefinition,
  WorkSpecMeta,
  WorkSpecMetaChange,
} from '../domain/work-spec.js';
import type { WorkUnitCounts } from '../domain/work-unit.js';

export interface WorkSpecWindow {
  /** The first name to return, in the order of UTF-8 bytes; absent: from the first. */
  start?: string;
  limit?: number;
}

/**
 * Work specs of a namespace. What names a spec that is not there throws NoSuchWorkSpecError.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class WorkSpecRepository {
  /**
   * Creates the spec, or gives the one of that name a new definition: every meta field is set from it but
   * next_continuous, which stays. Creates the namespace.
   */
  abstract set(namespace: string, definition: WorkSpecDefinition): Awaitable<void>;

  /** As set, of a spec that must be there. @throws NoSuchWorkSpecError */
  abstract redefine(namespace: string, definition: WorkSpecDefinition): Awaitable<void>;

  abstract find(namespace: string, name: string): Awaitable<WorkSpec | undefined>;

  /** Which of some names are no work spec's, in the order given. */
  abstract missing(namespace: string, names: readonly string[]): Awaitable<string[]>;

  /** Sorted by name. A window without a limit is for those who know that there are few, and small ones. */
  abstract list(namespace: string, window?: WorkSpecWindow): Awaitable<WorkSpec[]>;

  /** As list, but what there would be to read of each: whoever reads much must know before how much it is. */
  abstract measure(namespace: string, window: WorkSpecWindow): Awaitable<MeasuredSpec[]>;

  /** Deletes it with its units and their attempts. @returns false when there was none */
  abstract delete(namespace: string, name: string): Awaitable<boolean>;

  /** Deletes all specs of the namespace. @returns how many */
  abstract clear(namespace: string): Awaitable<number>;

  /** The counts inside are 0 unless asked for. @throws NoSuchWorkSpecError */
  abstract meta(namespace: string, name: string, withCounts: boolean): Awaitable<WorkSpecMeta>;

  /**
   * Sets the fields that are present, all or nothing. `continuous: true` on a spec that can't be is dropped silently, or
   * refused with CannotBecomeContinuousError when `strict`. @throws NoSuchWorkSpecError
   */
  abstract changeMeta(
    namespace: string,
    name: string,
    change: WorkSpecMetaChange,
    options?: { strict?: boolean },
  ): Awaitable<void>;

  /** Units per status at this moment. @throws NoSuchWorkSpecError */
  abstract counts(namespace: string, name: string): Awaitable<WorkUnitCounts>;
}
