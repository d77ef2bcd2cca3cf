import { RawCbor, Tagged, Tuple, Uuid } from 'coordinate-client';

/**
 * What is meant by JSON or YAML in which the rest is spelt out by objects of one key (docs/rest-clients.md), as this program shows
 * data. Bigints that a number holds become one. @throws Error
 */
export function meant(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof RawCbor)
    return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(meant);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [meant(key), meant(item)]));
  const entries = Object.entries(value);
  if (entries.length === 1 && Object.hasOwn(SPELLINGS, entries[0][0]))
    return SPELLINGS[entries[0][0]](meant(entries[0][1]));
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of entries) object[key] = meant(item);
  return object;
}

const SPELLINGS: Readonly<Record<string, (value: unknown) => unknown>> = {
  $bytes: (value) => new Uint8Array(Buffer.from(textIn(value), 'base64')),
  $utf8: (value) => new Uint8Array(Buffer.from(textIn(value))),
  $int: (value) => meant(BigInt(textIn(value))),
  $float: (value) => float(Number(value)),
  $tuple: (value) => new Tuple(listIn(value)),
  $uuid: (value) => Uuid.parse(textIn(value)),
  $tag: (value) => {
    const [tag, content] = listIn(value);
    return new Tagged(typeof tag === 'bigint' ? tag : Number(tag), content);
  },
  $map: (value) => mapOf(listIn(value).map(listIn)),
  $cbor: (value) => new RawCbor(new Uint8Array(Buffer.from(textIn(value), 'base64'))),
};

/** A number that stays a float, even if it is whole. */
export function float(value: number): unknown {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return value;
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  return new RawCbor(new Uint8Array(bytes));
}

function mapOf(entries: readonly (readonly unknown[])[]): unknown {
  if (entries.every(([key]) => typeof key === 'string')) {
    return Object.assign(Object.create(null) as object, Object.fromEntries(entries as [string, unknown][]));
  }
  return new Map(entries as [unknown, unknown][]);
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error('what is spelt out by an object of one key is text there');
}

function listIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw new Error('what is spelt out by an object of one key is a list there');
}
