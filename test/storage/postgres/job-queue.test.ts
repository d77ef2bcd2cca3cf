import { describe, expect, it } from 'vitest';
import { Answers, Job } from '../../../src/storage/postgres/batches/job.js';
import { JobQueue } from '../../../src/storage/postgres/batches/job-queue.js';

/** Which jobs share a transaction. */
describe('a batch', () => {
  const answers = new Answers();

  /** The sizes of the batches, and how many jobs of each are by themselves, of jobs in an order: `1` by itself, `m` of many. */
  function batchesOf(jobs: string, capacity: number): string[] {
    const queue = new JobQueue<string>(capacity, () => 1);
    for (const kind of jobs) queue.add(new Job(kind, () => undefined, answers, 0, kind === 'm'));
    const batches: string[] = [];
    while (!queue.isEmpty) {
      const works = queue.take().map(({ work }) => work);
      batches.push(works.join(''));
    }
    return batches;
  }

  it('of those who ask for one thing each is as large as it may be', () => {
    expect(batchesOf('1111111', 3)).toEqual(['111', '111', '1']);
  });

  it('of those only that were asked for together is four times as large', () => {
    expect(batchesOf('m'.repeat(14), 3)).toEqual(['m'.repeat(12), 'mm']);
  });

  it('is never larger for one who asks for one thing, whatever stands before and behind it', () => {
    expect(batchesOf('mmmm1mmm', 3)).toEqual(['mmmm', '1mm', 'm']);
    expect(batchesOf('m1mm1m', 3)).toEqual(['m1m', 'm1m']);
  });
});
