import { CoordinateError } from '../../domain/errors.js';
import { errorOf, type Refusal, refusalOf } from './refusal.js';

/** A value of the model as JSON can say it. What JSON has no word for stands in an object of one key that begins with `$`. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * - `null`: nothing, where something might be
 * - `{"$cbor": "oA=="}`: bytes, as data are
 * - `{"$integer": "60000000000"}`: an integer of any size
 * - `{"$number": "Infinity"}`: a number that JSON does not have
 * - `{"$null": true}`: null
 * - `{"$map": [["a", 1]]}`: a map
 * - `{"$error": {"error": "ErrGone", "message": "…"}}`: an error of the model, that came of one of several things
 *
 * Names of bytes are texts of one character, 0 to 255, for each byte.
 */
export function jsonOf(value: unknown): JsonValue {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : `${value}` };
    case 'bigint':
      return { $integer: String(value) };
    case 'object':
      return value === null ? { $null: true } : objectJson(value);
    default:
      throw new TypeError(`a ${typeof value} is no value of the model`);
  }
}

function objectJson(value: object): JsonValue {
  if (value instanceof Uint8Array) {
    return { $cbor: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof CoordinateError) return { $error: objectJson(refusalOf(value)!) };
  if (value instanceof Map) return { $map: [...value].map(jsonOf) };
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, jsonOf);
  const json: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(value)) json[key] = jsonOf(member);
  return json;
}

/** What `jsonOf` has written. What it does not write is taken as it stands: whoever reads it looks what it is. */
export function valueOf(json: unknown): unknown {
  if (typeof json !== 'object') return json;
  if (json === null) return undefined;
  if (Array.isArray(json)) return json.map(valueOf);
  const keys = Object.keys(json);
  if (keys.length === 1 && keys[0].startsWith('$')) return spelt(keys[0], (json as Record<string, unknown>)[keys[0]]);
  const value: Record<string, unknown> = {};
  for (const key of keys) {
    // Where a name would change what an object is, it names nothing of the model.
    if (key !== '__proto__') value[key] = valueOf((json as Record<string, unknown>)[key]);
  }
  return value;
}

function spelt(key: string, said: unknown): unknown {
  if (key === '$null') return null;
  if (key === '$map')
    return Array.isArray(said) ? new Map(said.map((entry) => valueOf(entry) as [unknown, unknown])) : said;
  if (key === '$error') return errorOf(said as Refusal, 'the storage');
  if (typeof said !== 'string') return said;
  if (key === '$cbor') return Buffer.from(said, 'base64');
  if (key === '$number') return Number(said);
  return key === '$integer' && /^-?\d{1,40}$/.test(said) ? BigInt(said) : said;
}
