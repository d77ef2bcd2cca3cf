import { fullAtPresent, nextToken, takeTokens } from '../../../domain/flow/token-bucket.js';
import type { Micros } from '../../../domain/time.js';
import { CORRECT_BUCKET, SET_BUCKET } from '../sql/limits.sql.js';
import type { Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import type { SpecState } from './spec-state.js';

/** What is written when so many units of a spec have been handed out, and from when on there is another token. */
export interface Taking {
  readonly write: Statement;
  readonly next: Micros;
}

/** @param spec - as it was when no other transaction could claim of it any more @returns undefined of one without a rate limit */
export function takeFromBucket({ id, head, fullAt }: SpecState, units: number, now: Micros): Taking | undefined {
  const rate = head.meta.flow?.rateLimit;
  if (rate === undefined || units === 0) return undefined;
  const after = takeTokens(rate, fullAt, units, now);
  const next = nextToken(rate, after, now);
  return { write: statement(SET_BUCKET, id, after, next), next };
}

/** Where the clock has been set back: the bucket is full after as long as an empty one. @returns undefined where it is as it can be */
export function correctBucket({ id, head, fullAt }: SpecState, now: Micros): Statement | undefined {
  const rate = head.meta.flow?.rateLimit;
  const right = rate && fullAtPresent(rate, fullAt, now);
  if (rate === undefined || right === undefined || right === fullAt) return undefined;
  return statement(CORRECT_BUCKET, id, right, nextToken(rate, right, now), fullAt);
}
