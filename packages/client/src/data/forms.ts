import { decode, DecodeError } from '../cbor/decode.js';
import { isPlainObject } from '../cbor/objects.js';
import { plain } from '../cbor/plain.js';
import { RawCbor, Tagged, Tuple, Uuid } from '../cbor/values.js';
import { base64, bytesOfBase64 } from '../base64.js';
import { encode } from '../cbor/encode.js';

/** A data dictionary, as it is sent. */
export type Data = Readonly<Record<string, unknown>> | ReadonlyMap<unknown, unknown>;
/** What data usually are: text and what it stands for. Where keys are not all text, they are a `Map`. */
export type DataObject = Readonly<Record<string, unknown>>;

/**
 * How data are given to whoever reads them. `exact`: every value of the type it was sent in, as far as JavaScript has it: `bigint`,
 * `Uint8Array`, `Tuple`, `Uuid`, `Tagged`. `plain`: byte strings that are UTF-8 as text and tuples as arrays, as one wants it
 * where Python 2 workers take part, whose strings are byte strings. `raw`: `RawCbor`, to the byte.
 */
export type DataForm = 'exact' | 'plain' | 'raw';

/** Data as a body says them: as an object where JSON loses nothing, else as base64 of their CBOR. @throws EncodeError */
export function dataInBody(data: Data | RawCbor): unknown {
  if (data instanceof RawCbor) return base64(data.bytes);
  return isJson(data, 0) ? data : base64(encode(data));
}

/** So deep are data looked into before they are sent as CBOR, whose writer says what is too deep. */
const DEPTH = 100;

/** Whether JSON says exactly what CBOR would. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return (
        Number.isFinite(value) && !Object.is(value, -0) && (Number.isSafeInteger(value) || !Number.isInteger(value))
      );
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth === DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  if (!isPlainObject(value) || 'toJSON' in value) return false;
  const keys = Object.keys(value);
  // Of one key it could be read as what spells out something that JSON cannot say.
  if (keys.length === 1 && keys[0].startsWith('$')) return false;
  const items = value as Readonly<Record<string, unknown>>;
  return keys.every((key) => isJson(items[key], depth + 1));
}

/** Reads the data of an answer, which was asked for as JSON in which the rest is spelt out, or as CBOR for `raw`. */
export class DataReader {
  private hasSpellings: boolean | undefined;

  /** @param text the whole answer */
  constructor(
    private readonly form: DataForm,
    private readonly text: string,
  ) {}

  read(json: unknown): unknown {
    if (typeof json === 'string') {
      const bytes = bytesOfBase64(json);
      return this.form === 'raw' ? new RawCbor(bytes) : this.shown(decode(bytes));
    }
    this.hasSpellings ??= this.text.includes('{"$');
    return this.shown(this.hasSpellings ? meant(json) : json);
  }

  private shown(value: unknown): unknown {
    return this.form === 'plain' ? plain(value) : value;
  }
}

/** What JSON means in which the rest is spelt out by objects of one key that begins with $. */
function meant(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(meant);
  const keys = Object.keys(json);
  const items = json as Record<string, unknown>;
  const read = keys.length === 1 && Object.hasOwn(SPELLINGS, keys[0]) ? SPELLINGS[keys[0]] : undefined;
  if (read) return read(items[keys[0]]);
  for (const key of keys) {
    const value = items[key];
    if (typeof value !== 'object' || value === null) continue;
    // An own key __proto__, which JSON may have, is not to be set as a prototype.
    Object.defineProperty(items, key, { value: meant(value), enumerable: true, writable: true, configurable: true });
  }
  return items;
}

const utf8 = new TextEncoder();
const float = (value: unknown): number => (value === '-0.0' ? -0 : Number(value));

const SPELLINGS: Readonly<Record<string, (value: unknown) => unknown>> = {
  $bytes: (value) => bytesOfBase64(value as string),
  $utf8: (value) => utf8.encode(value as string),
  $int: (value) => BigInt(value as string),
  $float: float,
  $float32: float,
  $float16: float,
  $tuple: (value) => new Tuple((value as unknown[]).map(meant)),
  $uuid: (value) => Uuid.parse(value as string),
  $tag: (value) => {
    const [tag, content] = value as [number | string, unknown];
    return new Tagged(typeof tag === 'string' ? BigInt(tag) : tag, meant(content));
  },
  $map: (value) => mapOf((value as [unknown, unknown][]).map(([key, item]) => [meant(key), meant(item)])),
  $undefined: () => undefined,
  $simple: (value) =>
    new RawCbor(Uint8Array.from((value as number) < 24 ? [0xe0 | (value as number)] : [0xf8, value as number])),
  $cbor: (value) => decoded(bytesOfBase64(value as string)),
};

/** A value, or its bytes where they are of a kind that JavaScript has nothing for. */
function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return new RawCbor(bytes);
    throw error;
  }
}

/** An object where all keys are different texts, as `decode` makes of it; else a Map. */
function mapOf(entries: [unknown, unknown][]): unknown {
  const keys = new Set(entries.map(([key]) => key));
  if (keys.size < entries.length || ![...keys].every((key) => typeof key === 'string')) return new Map(entries);
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) object[key as string] = value;
  return object;
}
