import { encode } from '../cbor/index.js';
import type { ByteName } from './names.js';
import type { EncodedData } from './work-unit.js';

/** Data of the attempt that fails a unit which has had max_retries attempts. */
export const TOO_MANY_RETRIES: EncodedData = encode({ traceback: 'too many retries' });

/** Heads of what holds a unit's data and names together when it is given out, rounded up. */
const HEADS_BYTES = 32;

/** What each unit that is given out counts against `maxBytes` in addition to its data and its name: its spec's name, heads. */
export function bytesBesideData(workSpec: string): number {
  return HEADS_BYTES + Buffer.byteLength(workSpec);
}

/** The name of a unit that a continuous spec makes for itself: the Unix time with milliseconds, `1700000000.123`. */
export function continuousName(milliseconds: number): ByteName {
  const fraction = String(milliseconds % 1000).padStart(3, '0');
  return `${Math.floor(milliseconds / 1000)}.${fraction}`;
}
