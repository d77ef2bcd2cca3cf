import type { Peeked } from '../cbor/index.js';
import { peekMap, peekNumber } from '../cbor/index.js';
import type { EncodedData } from './data.js';

/** What a worker tells of itself in its data that listings have a place for. */
export interface WorkerTold {
  readonly host?: string;
  /** How much memory it uses, in bytes. */
  readonly memory?: number;
}

/** Of longer data nothing is told in listings, which have very many workers in them. */
export const MOST_TOLD_BYTES = 16_384;
/** Longer names of hosts are cut. */
const MOST_HOST_BYTES = 255;
/** So many items of the data are looked at. */
const MOST_ITEMS = 512;

/** By what names workers tell it, the better one first. */
const HOST = ['hostname', 'host', 'fqdn', 'node'] as const;
const MEMORY = ['memory', 'rss'] as const;
const KEYS = [...HOST, ...MEMORY];
const NOTHING: WorkerTold = {};

/** What the data of a worker tell. They are what the worker likes: what is of another kind is passed over. */
export function toldBy(data: EncodedData): WorkerTold {
  if (data.length <= 1 || data.length > MOST_TOLD_BYTES) return NOTHING;
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const found: (Peeked | undefined)[] = [];
  peekMap(bytes, KEYS, (index, value) => (found[index] = value), 0, MOST_ITEMS);
  const host = HOST.map((_, at) => found[at]).find((each) => each && 'start' in each);
  const memory = found.slice(HOST.length).find((each) => each !== undefined);
  return {
    ...(host &&
      'start' in host && { host: bytes.utf8Slice(host.start, Math.min(host.end, host.start + MOST_HOST_BYTES)) }),
    ...memoryOf(bytes, memory),
  };
}

/** The historic worker sends what psutil says: a list, or a map, that begins with what is resident. */
function memoryOf(bytes: Buffer, told: Peeked | undefined): WorkerTold {
  if (!told || 'start' in told) return NOTHING;
  if ('map' in told) {
    let inside: Peeked | undefined;
    peekMap(bytes, ['rss'], (_index, value) => (inside = value), told.map, MOST_ITEMS);
    return inside && 'number' in inside ? memoryOf(bytes, inside) : NOTHING;
  }
  const memory = peekNumber(bytes, 'list' in told ? told.list : told.number);
  return memory !== undefined && Number.isSafeInteger(memory) ? { memory } : NOTHING;
}
