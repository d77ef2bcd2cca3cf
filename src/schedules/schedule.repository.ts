import type { Awaitable } from '../domain/awaitable.js';
import type { ByteName } from '../domain/names.js';

/** What a look at the schedules has done. */
export interface ScheduleLook {
  /** Slots for which there is a unit from now on. */
  readonly made: number;
  /** Slots that have gone by without one. */
  readonly missed: number;
  /** In how many milliseconds there is something to do next; Infinity: nothing is known. */
  readonly nextInMs: number;
}

/**
 * The schedules of work specs. The class is its own injection token; a storage backend implements it. Any number of daemons may
 * look at the schedules of one storage at once: a slot makes one unit.
 */
export abstract class ScheduleRepository {
  private listener: (() => void) | undefined;

  /** Says who is to hear when a schedule has been set here, after which the next look may be due earlier. */
  tell(listener: () => void): void {
    this.listener = listener;
  }

  protected scheduleSet(): void {
    this.listener?.();
  }

  /** Makes the units of all slots that are due, each with what it changes of the schedule in one step. */
  abstract startDue(): Awaitable<ScheduleLook>;

  /**
   * Makes a unit as a slot does, now and whatever the overlap; the schedule goes on as before.
   * @returns its name
   * @throws NoSuchWorkSpecError, NoScheduleError
   */
  abstract runNow(namespace: string, workSpec: string): Awaitable<ByteName>;
}
