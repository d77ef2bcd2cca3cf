import { leastIndex } from '../structures/least-index.js';
import type { AttemptList, AttemptRecord } from './attempt.js';

/** A list of attempts that are there already, oldest first, from behind a number on. */
export class HeldAttempts implements AttemptList {
  private at: number;

  constructor(
    private readonly attempts: readonly AttemptRecord[],
    after: number,
  ) {
    this.at = firstAfter(attempts, after);
  }

  get held(): number {
    return this.attempts.length;
  }

  next(most: number): AttemptRecord[] {
    return this.attempts.slice(this.at, (this.at += most));
  }
}

/** Where those begin whose number is greater. */
function firstAfter(attempts: readonly AttemptRecord[], number: number): number {
  return leastIndex(attempts.length, (index) => attempts[index].number > number);
}
