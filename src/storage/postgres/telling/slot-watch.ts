/** What is to be done no later than that, in milliseconds, is told. Until it is as near it is seen again. */
const SOON_MS = 10_000;
/** Who looks at the schedules as soon as that, in milliseconds, need not be told. */
const ANYWAY_MS = 1_000;
/** Differences of no more than that, in milliseconds, are those of clocks. */
const NEARLY_MS = 50;

/**
 * Sees when schedules have something to do next, whenever the database is asked for a sign of life: so nobody has to ask for that alone, and
 * what another daemon has set, which may have gone, is seen before long.
 */
export class SlotWatch {
  /** To be called when there is something to do earlier than was expected; undefined: nobody looks after schedules. */
  listener: (() => void) | undefined;
  private expected = Infinity;

  /** @param time - in milliseconds */
  constructor(private readonly time: () => number = () => performance.now()) {}

  /** Something is to be done in so many milliseconds, or already; Infinity: never. */
  saw(ms: number): void {
    const left = this.expected - this.time();
    if (ms < SOON_MS && ms < left - NEARLY_MS && left > ANYWAY_MS) this.listener?.();
  }

  /** Schedules have been looked at, and will be looked at again in so many milliseconds. */
  looked(nextInMs: number): void {
    this.expected = this.time() + nextInMs;
  }

  /** A schedule has been set here. */
  set(): void {
    this.listener?.();
  }
}
