import { RawCbor, Tagged, Tuple, Uuid } from 'coordinate-client';
import { safeJson } from './safe.js';

/**
 * Something that is JSON but for bigints, which says all of a value: what JSON has nothing for is an object of one key, as the daemon
 * itself spells it (docs/rest-clients.md).
 */
export function spelled(value: unknown): unknown {
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $float: Object.is(value, -0) ? '-0.0' : String(value) };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(spelled);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return spelledBytes(value);
  if (value instanceof Tuple) return { $tuple: (value.items as unknown[]).map(spelled) };
  if (value instanceof Uuid) return { $uuid: String(value) };
  if (value instanceof Tagged) return bignumOf(value) ?? { $tag: [value.tag, spelled(value.value)] };
  if (value instanceof RawCbor) return { $cbor: Buffer.from(value.bytes).toString('base64') };
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  if (value instanceof Map && !entries.every(([key]) => typeof key === 'string')) return spelledMap(entries);
  const [first] = entries;
  if (entries.length === 1 && String(first[0]).startsWith('$')) return spelledMap(entries);
  return objectOf(entries as [string, unknown][]);
}

function spelledMap(entries: readonly (readonly [unknown, unknown])[]): unknown {
  return { $map: entries.map(([key, item]) => [spelled(key), spelled(item)]) };
}

/** An integer that CBOR has bytes and a tag for, since it has none of that size. */
function bignumOf({ tag, value }: Tagged): bigint | undefined {
  if ((tag !== 2 && tag !== 3) || !(value instanceof Uint8Array)) return undefined;
  const size = BigInt(`0x0${Buffer.from(value).toString('hex')}`);
  return tag === 2 ? size : -1n - size;
}

function spelledBytes(bytes: Uint8Array): unknown {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString();
  return Buffer.from(text).equals(buffer) ? { $utf8: text } : { $bytes: buffer.toString('base64') };
}

/** Without a prototype, since `__proto__` is a key like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): unknown {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of entries) if (item !== undefined) object[key] = spelled(item);
  return object;
}

/** JSON of a value, integers of any size exactly, and without anything that a terminal would carry out. */
export function jsonText(value: unknown, indent = 0): string {
  return safeJson(written(spelled(value), indent, ''));
}

function written(value: unknown, indent: number, before: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inside = before + ' '.repeat(indent);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const colon = indent === 0 ? ':' : ': ';
  const items = Array.isArray(value)
    ? value.map((item) => written(item, indent, inside))
    : Object.entries(value).map(([key, item]) => JSON.stringify(key) + colon + written(item, indent, inside));
  if (items.length === 0) return open + close;
  if (indent === 0) return open + items.join(',') + close;
  return `${open}\n${inside}${items.join(`,\n${inside}`)}\n${before}${close}`;
}
