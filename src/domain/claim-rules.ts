import { encode, mapEntry, RawCbor } from '../cbor/index.js';
import type { Attempt } from './attempt.js';
import type { EncodedData } from './data.js';
import { EMPTY_DATA } from './data.js';
import type { Micros } from './time.js';
import { MILLISECOND } from './time.js';
import type { NewWorkUnit } from './work-unit.js';

/** The cause of a unit that has had max_retries attempts. */
export const TOO_MANY_RETRIES = 'too many retries';

const REASON = { traceback: TOO_MANY_RETRIES };
const NULL = encode(null);

/** What data of an attempt that was refused begin with, behind the head of the map. */
export const REFUSED_MARK: Buffer = encode(REASON).subarray(1);

/**
 * Data of the attempt that fails a unit which has had max_retries attempts.
 * @param last - those of the attempt before, whose traceback is the cause
 */
export function tooManyRetries(last: EncodedData): EncodedData {
  const cause = mapEntry(last, 'traceback');
  return encode(cause === undefined || cause.equals(NULL) ? REASON : { ...REASON, last: new RawCbor(cause) });
}

/**
 * Whether an attempt only says that its unit has been tried too often: it failed in the moment in which it began, and
 * nobody was given the unit. So it is nothing that its worker did.
 */
export function isRefused(attempt: Pick<Attempt, 'status' | 'start' | 'end'>, data: () => EncodedData): boolean {
  if (attempt.status !== 'failed' || attempt.start !== attempt.end) return false;
  const begin = data().subarray(1, 1 + REFUSED_MARK.length);
  return REFUSED_MARK.equals(begin);
}

/** Heads of what holds a unit's data and names together when it is given out, rounded up. */
const HEADS_BYTES = 32;

/** What each unit that a claim takes counts against `maxBytes` in addition to its data and its name: its spec's name, heads. */
export function bytesBesideData(workSpec: string): number {
  return HEADS_BYTES + Buffer.byteLength(workSpec);
}

/** Whether a unit that counts so many bytes still goes into a claim. The first that it takes does in any case. */
export function fitsIn(bytesLeft: number, bytes: number, isFirst: boolean): boolean {
  return isFirst || bytes <= bytesLeft;
}

/**
 * The unit that a continuous spec without work gives itself, under each name that it may have, of which the first that is free
 * is to be taken: the Unix time with milliseconds, `1700000000.123`, then the milliseconds that follow.
 */
export function* ownUnits(now: Micros): Generator<NewWorkUnit, never> {
  for (let millisecond = Math.floor(now / MILLISECOND); ; millisecond++) {
    const name = `${Math.floor(millisecond / 1000)}.${String(millisecond % 1000).padStart(3, '0')}`;
    yield { name, data: EMPTY_DATA, priority: 0 };
  }
}
