import type { Encodable } from '../../cbor/index.js';
import {
  ByteString,
  CborError,
  CborMap,
  CborReader,
  Float,
  RawCbor,
  Simple,
  Tagged,
  Tuple,
  Uuid,
} from '../../cbor/index.js';

/**
 * What JSON cannot say, spelt out: an object of one key, which begins with $. An object that really has only such a key is
 * `{"$map": [[key, value]]}`.
 */
const READERS: Readonly<Record<string, (value: Encodable) => Encodable>> = {
  $bytes: (value) => new ByteString(base64('$bytes', value).latin1Slice()),
  $utf8: (value) => ByteString.ofText(text('$utf8', value)),
  $int: integer,
  $float: (value) => float('$float', value, 8),
  $float32: (value) => float('$float32', value, 4),
  $float16: (value) => float('$float16', value, 2),
  $tuple: (value) => new Tuple(list('$tuple', value)),
  $uuid: (value) => Uuid.parse(text('$uuid', value)) ?? refuse('$uuid', 'a UUID'),
  $tag: tagged,
  $map: (value) => new CborMap(list('$map', value).map(pair) as CborMap['entries']),
  $undefined: (value) => (value === true ? undefined : refuse('$undefined', 'true')),
  $simple: simple,
  $cbor: raw,
};

/** A value that is not as its name wants it. */
export class BadSpelling extends Error {
  override readonly name = 'BadSpelling';
}

/** Whether an object of one key says something that JSON cannot. */
export function isSpelling(key: string): boolean {
  return key.charCodeAt(0) === 0x24 && Object.hasOwn(READERS, key);
}

/** What an object of one key says. @throws BadSpelling */
export function readSpelling(key: string, value: Encodable): Encodable {
  return READERS[key](value);
}

function refuse(name: string, wanted: string): never {
  throw new BadSpelling(`has a ${name} that is not ${wanted}`);
}

function text(name: string, value: Encodable): string {
  return typeof value === 'string' ? value : refuse(name, 'a string');
}

function list(name: string, value: Encodable): readonly Encodable[] {
  return Array.isArray(value) ? (value as readonly Encodable[]) : refuse(name, 'a list');
}

function base64(name: string, value: Encodable): Buffer {
  const given = text(name, value);
  const bytes = Buffer.from(given, 'base64');
  return given === bytes.toString('base64') ? bytes : refuse(name, 'base64');
}

const TWO_TO_64 = 2n ** 64n;

function integer(value: Encodable): Encodable {
  const given = text('$int', value);
  if (!/^-?\d{1,20}$/.test(given)) return refuse('$int', 'an integer in digits');
  const number = BigInt(given);
  return number < TWO_TO_64 && number >= -TWO_TO_64 ? number : refuse('$int', 'of 64 bits');
}

const WORDS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity, '-0.0': -0 };

function float(name: string, value: Encodable, size: 2 | 4 | 8): Encodable {
  let number = value instanceof Float ? value.value : value;
  if (typeof number === 'string' && Object.hasOwn(WORDS, number)) number = WORDS[number];
  if (typeof number !== 'number') return refuse(name, 'a number, NaN, Infinity, -Infinity or -0.0');
  return new Float(number, size);
}

function tagged(value: Encodable): Encodable {
  const [tag, content, ...more] = list('$tag', value);
  const number = typeof tag === 'string' && /^\d{1,20}$/.test(tag) ? BigInt(tag) : tag;
  const isTag =
    typeof number === 'bigint' ? number < TWO_TO_64 : Number.isSafeInteger(number) && (number as number) >= 0;
  if (!isTag || more.length > 0 || (value as readonly Encodable[]).length !== 2) {
    return refuse('$tag', 'a list of a number and a value');
  }
  return new Tagged<Encodable>(number as number | bigint, content);
}

function pair(value: Encodable): readonly Encodable[] {
  return Array.isArray(value) && value.length === 2
    ? (value as readonly Encodable[])
    : refuse('$map', 'a list of pairs of key and value');
}

function simple(value: Encodable): Encodable {
  const isCode =
    Number.isInteger(value) && ((value as number) < 20 || (value as number) >= 32) && (value as number) >= 0;
  return isCode && (value as number) < 256
    ? new Simple(value as number)
    : refuse('$simple', 'a code below 20 or from 32 to 255');
}

function raw(value: Encodable): Encodable {
  const bytes = base64('$cbor', value);
  try {
    const reader = new CborReader(bytes);
    reader.skip();
    if (reader.atEnd) return new RawCbor(bytes);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
  }
  return refuse('$cbor', 'base64 of one item of CBOR');
}
