import { isPlainObject } from './objects.js';
import { textIfUtf8 } from './text.js';
import { Tagged, Tuple } from './values.js';

/**
 * A decoded value as somebody takes it who does not care how Python sent it: byte strings that are UTF-8 as text, tuples as
 * arrays, maps whose keys are text then as objects. Python 2 workers send their `str`, map keys included, as byte strings.
 */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return textIfUtf8(value);
  if (value instanceof Tuple) return (value.items as unknown[]).map(plain);
  if (value instanceof Tagged) return new Tagged(value.tag, plain(value.value));
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return plainMap(value);
  const isMap = typeof value === 'object' && value !== null && isPlainObject(value);
  return isMap ? plainMap(new Map(Object.entries(value))) : value;
}

function plainMap(entries: ReadonlyMap<unknown, unknown>): unknown {
  const settled = [...entries].map(([key, value]) => [plain(key), plain(value)] as const);
  if (!settled.every(([key]) => typeof key === 'string')) return new Map(settled);
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of settled) object[key as string] = value;
  return object;
}
