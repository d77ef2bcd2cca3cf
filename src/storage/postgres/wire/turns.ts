import type { Patience } from './patience.js';

interface Waiter {
  readonly since: number;
  begin(): void;
  refuse(reason: unknown): void;
  /** What it hears when it has waited for too long. */
  refusal(): unknown;
}

/** Lets one at a time do what has a name, in the order in which they came. */
export class Turns {
  /** Those who wait, by the names of what is being done. */
  private readonly lines = new Map<string, Waiter[]>();
  private waiting = 0;

  constructor(private readonly patience: Patience) {}

  /** Whether nobody does something of that name. */
  isFree(name: string): boolean {
    return !this.lines.has(name);
  }

  /**
   * Does something when nobody else does what has this name.
   * @param since - the step of the patience at which it came; whose time is over before its turn comes hears the `refusal`
   */
  async take<T>(name: string, since: number, refusal: () => unknown, work: () => Promise<T>): Promise<T> {
    await this.come(name, since, refusal);
    try {
      return await work();
    } finally {
      this.next(name);
    }
  }

  private come(name: string, since: number, refusal: () => unknown): Promise<void> | undefined {
    const line = this.lines.get(name);
    if (line === undefined) {
      this.lines.set(name, []);
      return undefined;
    }
    return new Promise((begin, refuse) => {
      line.push({ since, begin, refuse, refusal });
      if (this.waiting++ === 0) this.patience.watch(this.look);
    });
  }

  private next(name: string): void {
    const next = this.lines.get(name)?.shift();
    if (next === undefined) return void this.lines.delete(name);
    this.left(1);
    next.begin();
  }

  private left(count: number): void {
    this.waiting -= count;
    if (this.waiting === 0) this.patience.unwatch(this.look);
  }

  /** Ends the wait of those who have waited for too long. */
  private readonly look = (): void => {
    for (const [name, line] of this.lines) {
      const over = line.filter(({ since }) => this.patience.isOver(since));
      if (over.length === 0) continue;
      this.lines.set(
        name,
        line.filter(({ since }) => !this.patience.isOver(since)),
      );
      this.left(over.length);
      for (const waiter of over) waiter.refuse(waiter.refusal());
    }
  };
}
