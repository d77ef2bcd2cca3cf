import type { Encodable } from '../../../src/cbor/index.js';
import { ByteString, Tuple } from '../../../src/cbor/index.js';
import type { Data } from './state.js';

/** A unit that output describes. */
export interface Described {
  name: string;
  data: Data;
  priority: number;
  /** In seconds. */
  delay: number | undefined;
}

/** The units that the `output` of data describes, those left out that can't be read. */
export function unitsIn(data: Data): Described[] {
  const { output } = data;
  const items = listOf(output);
  if (items) return items.map(readItem).filter((item) => item !== undefined);
  if (!isDictionary(output)) return [];
  return Object.entries(output)
    .map(([name, value]) => readItem([name, value]))
    .filter((item) => item !== undefined);
}

function readItem(item: Encodable): Described | undefined {
  const parts = listOf(item);
  if (!parts) {
    const name = nameOf(item);
    return name === undefined ? undefined : { name, data: {}, priority: 0, delay: undefined };
  }
  if (parts.length < 2 || parts.length > 4) return undefined;
  const name = nameOf(parts[0]);
  const data = parts[1] ?? {};
  const meta = parts[2] ?? {};
  if (name === undefined || !isDictionary(data) || !isDictionary(meta)) return undefined;
  const priority = meta.priority ?? 0;
  const delay = meta.delay ?? undefined;
  const fourth = parts[3] ?? priority;
  if (typeof priority !== 'number' || typeof fourth !== 'number') return undefined;
  if (delay !== undefined && typeof delay !== 'number') return undefined;
  return { name, data, priority: fourth, delay };
}

function listOf(value: Encodable): readonly Encodable[] | undefined {
  if (value instanceof Tuple) return value.items;
  return Array.isArray(value) ? (value as readonly Encodable[]) : undefined;
}

function nameOf(value: Encodable): string | undefined {
  const name = value instanceof ByteString ? value.binary : value;
  return typeof name === 'string' && name.length <= 1024 ? name : undefined;
}

function isDictionary(value: Encodable): value is Data {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
