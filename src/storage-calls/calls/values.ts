import { CoordinateError } from '../../domain/errors.js';
import { base64Pieces } from '../../structures/base64-pieces.js';
import type { Slices } from '../../timing/slices.js';
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

/** What is small has no more members than this, those of its members included, and no more bytes. */
const SMALL_MEMBERS = 100;
const SMALL_BYTES = 16 * 1024;
/** Bytes of one piece, about. */
const PIECE = 32 * 1024;
/** What a member takes besides what it says, about, in bytes. */
const MEMBER_BYTES = 12;

/** What a value is made of, where it is made of others. */
function membersOf(value: object): Iterable<unknown> {
  if (value instanceof Map) return value.entries();
  return Symbol.iterator in value ? (value as Iterable<unknown>) : Object.values(value);
}

/** About how many bytes the JSON of a value takes, counted in slices. */
export async function jsonBytes(value: unknown, slices: Slices): Promise<number> {
  const left: Iterator<unknown>[] = [[value][Symbol.iterator]()];
  let bytes = 0;
  while (left.length > 0) {
    const { done, value: next } = left[left.length - 1].next() as IteratorResult<unknown, undefined>;
    if (done) {
      left.pop();
      continue;
    }
    if (typeof next === 'string') bytes += next.length;
    else if (next instanceof Uint8Array) bytes += (next.length * 4) / 3;
    else if (typeof next === 'object' && next !== null) left.push(membersOf(next)[Symbol.iterator]());
    bytes += MEMBER_BYTES;
    if (slices.isOver()) await slices.next();
  }
  return bytes;
}

/** Whether the JSON of a value is made in no time. */
function isSmall(value: unknown): boolean {
  return fits(value, { members: SMALL_MEMBERS, bytes: SMALL_BYTES });
}

function fits(value: unknown, room: { members: number; bytes: number }): boolean {
  if (--room.members < 0) return false;
  if (typeof value === 'string' || value instanceof Uint8Array) return (room.bytes -= value.length) >= 0;
  if (typeof value !== 'object' || value === null) return true;
  for (const member of membersOf(value)) if (!fits(member, room)) return false;
  return true;
}

/** The JSON of `jsonOf`, in pieces. */
export function* jsonPieces(value: unknown): Generator<string> {
  let text = '';
  for (const piece of smallPieces(value)) {
    text += piece;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  yield text;
}

function* smallPieces(value: unknown): Generator<string> {
  if (isSmall(value) || typeof value !== 'object' || value === null || value instanceof CoordinateError) {
    yield JSON.stringify(jsonOf(value));
  } else if (value instanceof Uint8Array) {
    yield '{"$cbor":';
    yield* base64Pieces(value);
    yield '}';
  } else if (value instanceof Map) {
    yield '{"$map":';
    yield* listPieces(value);
    yield '}';
  } else if (Symbol.iterator in value) {
    yield* listPieces(value as Iterable<unknown>);
  } else {
    let before = '{';
    for (const [key, member] of Object.entries(value)) {
      yield `${before}${JSON.stringify(key)}:`;
      yield* smallPieces(member);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  }
}

function* listPieces(items: Iterable<unknown>): Generator<string> {
  let before = '[';
  for (const item of items) {
    yield before;
    yield* smallPieces(item);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

/** What `jsonOf` has written. What it does not write is taken as it stands: whoever reads it looks what it is. */
export function valueOf(json: unknown): unknown {
  if (typeof json !== 'object') return json;
  if (json === null) return undefined;
  if (Array.isArray(json)) return json.map(valueOf);
  const keys = Object.keys(json);
  if (isSpeltOut(json, keys)) return spelt(keys[0], (json as Record<string, unknown>)[keys[0]]);
  const value: Record<string, unknown> = {};
  for (const key of keys) {
    // Where a name would change what an object is, it names nothing of the model.
    if (key !== '__proto__') value[key] = valueOf((json as Record<string, unknown>)[key]);
  }
  return value;
}

/** Whether an object stands for something else. */
export function isSpeltOut(json: object, keys = Object.keys(json)): boolean {
  return keys.length === 1 && keys[0].startsWith('$');
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
