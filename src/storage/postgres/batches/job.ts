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

  constructor(
    readonly work: W,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void,
    private readonly answers: Answers,
    /** The step of the daemon's patience at which it came. */
    readonly since: number,
  ) {}

  fail(error: unknown): void {
    this.isDone = true;
    this.answers.add(() => this.reject(error));
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
    this.isDone = true;
    this.answers.add(() => this.resolve(value));
  }
}

/** Answers to a batch, which go out once the next batch is on its way, so that the database need not wait for that. */
export class Answers {
  private waiting: (() => void)[] = [];

  add(give: () => void): void {
    if (this.waiting.push(give) === 1) setImmediate(this.giveAll);
  }

  private readonly giveAll = (): void => {
    for (const give of this.waiting.splice(0)) give();
  };
}
