/** A request that waits for its turn in a batch. */
export class Job<W> {
  /** How often its transaction was begun again. */
  retries = 0;
  /** Whether it has been answered. */
  isDone = false;
  /** How often a lock that it may need was not to be had: those of the same turn go together. */
  turn = 0;
  /** Whether it goes with no other. */
  isAlone = false;
  /** What it hears when its time is over; undefined: that nothing was heard of the database. */
  trouble: unknown;
  private outcome: PromiseSettledResult<unknown> | undefined;

  constructor(
    readonly work: W,
    private readonly hear: (outcome: PromiseSettledResult<unknown>) => void,
    private readonly answers: Answers,
    /** The step of the daemon's patience at which it came. */
    readonly since: number,
    /** Whether it is one of many that somebody asked for together, and waits for together. */
    readonly isOfMany = false,
  ) {}

  fail(reason: unknown): void {
    this.end({ status: 'rejected', reason });
  }

  /** Ends it with what `answer` returns or throws. */
  answer(answer: () => unknown): void {
    let value: unknown;
    try {
      value = answer();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.end({ status: 'fulfilled', value });
  }

  private end(outcome: PromiseSettledResult<unknown>): void {
    this.isDone = true;
    this.outcome = outcome;
    this.answers.add(this);
  }

  /** Lets who asked hear what it came to. */
  give(): void {
    this.hear(this.outcome!);
  }
}

/** Answers to a batch, which go out once the next batch is on its way, so that the database need not wait for that. */
export class Answers {
  private waiting: { give(): void }[] = [];

  add(job: { give(): void }): void {
    if (this.waiting.push(job) === 1) setImmediate(this.giveAll);
  }

  private readonly giveAll = (): void => {
    for (const job of this.waiting.splice(0)) job.give();
  };
}
