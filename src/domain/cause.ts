import type { Peeked } from '../cbor/index.js';
import { peekMap } from '../cbor/index.js';
import { plainLine, tellingLine, withPlaceholders } from './cause-text.js';
import type { EncodedData } from './data.js';

// Why an attempt failed, as a short text that is the same for all that failed alike.

/** Of a work spec at most so many causes are told apart at a time; what else fails has the cause OTHER. */
export const MAX_CAUSES = 1000;

/** The cause of what failed without saying why. */
export const NO_REASON = 'no reason given';
/** The cause of what failed by one that would have been one too many. */
export const OTHER = 'other';
/** The cause of what a daemon ended that knew of no causes. */
export const UNKNOWN = 'unknown';

/** So much of the beginning of a text is looked at, and so much of its end, in bytes. */
const HEAD_BYTES = 8192;
const TAIL_BYTES = 8192;

const KEYS = ['cause', 'traceback', 'error'] as const;
const MESSAGE = ['message'] as const;

/** What a worker says when something failed. */
export interface FailureDetails {
  /** What it calls the cause. */
  readonly cause?: string;
  readonly data?: EncodedData;
}

/** The cause of a failure: as its worker calls it, else as its data say. */
export function failureCause({ cause, data }: FailureDetails): string {
  return (cause !== undefined && plainLine(cause)) || (data ? causeOf(data) : NO_REASON);
}

/** The cause of what was cancelled. @param reason - why, as who did it says; absent or empty: nobody said */
export function cancellationCause(reason = ''): string {
  return plainLine(reason === '' ? 'cancelled' : `cancelled: ${reason}`);
}

/**
 * The cause that data tell of: `cause`, which is taken as it is; or what is telling in `traceback`, `error`, or `error.message`,
 * with placeholders for what differs each time. Only so much of the data is looked at, whatever their size: a key that lies behind
 * 2,000 others, or the middle of a text of more than 16 KiB, is not found.
 */
export function causeOf(data: EncodedData): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const found: (Peeked | undefined)[] = [];
  peekMap(bytes, KEYS, (index, value) => (found[index] = value));
  const [named, traceback, error] = found;
  return (
    (named && 'start' in named && plainLine(headOf(bytes, named.start, named.end))) ||
    telling(bytes, traceback) ||
    telling(bytes, error) ||
    telling(bytes, messageOf(bytes, error)) ||
    NO_REASON
  );
}

function messageOf(bytes: Buffer, error: Peeked | undefined): Peeked | undefined {
  if (!error || !('map' in error)) return undefined;
  let message: Peeked | undefined;
  peekMap(bytes, MESSAGE, (_index, value) => (message = value), error.map);
  return message;
}

function telling(bytes: Buffer, text: Peeked | undefined): string {
  if (!text || !('start' in text)) return '';
  const { start, end } = text;
  const head = headOf(bytes, start, end);
  const tail = end - start <= HEAD_BYTES ? head : bytes.utf8Slice(Math.max(start, end - TAIL_BYTES), end);
  return withPlaceholders(tellingLine(head, tail));
}

function headOf(bytes: Buffer, start: number, end: number): string {
  return bytes.utf8Slice(start, Math.min(end, start + HEAD_BYTES));
}

/** A cause among those of its work spec. */
export type CauseId = string;

/** The number of a cause of 48 bits, by its text: the same in every daemon, for ever. OTHER is 0, UNKNOWN is -1. */
export function causeNumber(cause: string): number {
  if (cause === OTHER) return 0;
  if (cause === UNKNOWN) return -1;
  let a = 0x3c6ef372;
  let b = 0x510e527f;
  for (let at = 0; at < cause.length; at++) {
    const code = cause.charCodeAt(at);
    a = Math.imul(a ^ code, 0x85ebca77);
    b = Math.imul(b ^ code, 0xc2b2ae3d);
  }
  a = Math.imul(a ^ (a >>> 16), 0x735a2d97) ^ Math.imul(b ^ (b >>> 15), 0xcaf649a9);
  b = Math.imul(b ^ (b >>> 16), 0x735a2d97) ^ Math.imul(a ^ (a >>> 15), 0xcaf649a9);
  return (b & 0xffff) * 2 ** 32 + (a >>> 0) || 1;
}

/** What a cause is known by where it is asked for: twelve hexadecimal digits, `other` or `unknown`. */
export function causeId(number: number): CauseId {
  return number === 0 ? OTHER : number === -1 ? UNKNOWN : number.toString(16).padStart(12, '0');
}

/** @returns the number of a cause by its id; undefined: that is none */
export function parseCauseId(id: CauseId): number | undefined {
  if (id === OTHER) return 0;
  if (id === UNKNOWN) return -1;
  return /^[0-9a-f]{12}$/.test(id) ? parseInt(id, 16) || undefined : undefined;
}
