import type { Job } from './job.js';

/**
 * So many times as much goes into a batch of those only that come by the hundred: it is cheaper for each, and nobody who asks for one
 * waits for it.
 */
const MANY = 4;

/** Jobs that wait for their turn. */
export class JobQueue<W> {
  private jobs: Job<W>[] = [];

  /** @param capacity - most that goes into one batch, by `weigh`, unless it is MANY times that */
  constructor(
    private readonly capacity: number,
    private readonly weigh: (work: W) => number,
  ) {}

  get isEmpty(): boolean {
    return this.jobs.length === 0;
  }

  add(job: Job<W>): void {
    this.jobs.push(job);
  }

  /** Takes the jobs of the next batch: such as go together. */
  take(): Job<W>[] {
    const { jobs, capacity, weigh } = this;
    let weight = 0;
    let count = 0;
    let most = MANY * capacity;
    while (count < jobs.length) {
      weight += weigh(jobs[count].work);
      if (!jobs[count].isOfMany) most = capacity;
      if (count > 0 && (weight > most || jobs[0].isAlone || jobs[count].turn !== jobs[0].turn)) break;
      count++;
    }
    if (count < jobs.length) return jobs.splice(0, count);
    this.jobs = [];
    return jobs;
  }

  putBack(jobs: readonly Job<W>[]): void {
    if (jobs.length > 0) this.jobs = [...jobs, ...this.jobs];
  }

  /** Fails those for which there is an error. */
  refuse(errorFor: (job: Job<W>) => unknown): void {
    const left: Job<W>[] = [];
    for (const job of this.jobs) {
      const error = errorFor(job);
      if (error) job.fail(error);
      else left.push(job);
    }
    if (left.length < this.jobs.length) this.jobs = left;
  }
}
