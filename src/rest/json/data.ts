import { isUtf8 } from 'node:buffer';
import { CborError, CborReader, encode, isAscii, isMap, ItemScanner, Major, scanInWindows } from '../../cbor/index.js';
import type { EncodedData } from '../../domain/data.js';
import { plainDataJson } from './plain-data.js';
import { isSpelling } from './spelt-out.js';
import type { JsonReader } from './json-reader.js';
import type { LargeJsonReader } from './large-reader.js';
import { base64Bytes } from './long-strings.js';
import type { Steps, Turn } from './steps.js';

/**
 * Data dictionaries: encoded CBOR inside, and in JSON an object or, where an object would lose something, a string that
 * is the base64 form of the CBOR.
 */

/** Reads a dictionary. What is wrong with it is recorded at the reader. @throws InvalidJsonValue */
export function readData(reader: JsonReader, field: string): EncodedData | undefined {
  const start = reader.position;
  switch (reader.peek()) {
    case '{': {
      const data = encode(reader.readValue());
      // What is spelt out can be of any type, and as deep as it likes.
      const problem = reader.mentionsSpelling(start) ? problemOf(data) : undefined;
      return problem === undefined ? data : reader.refuse(field, start, problem);
    }
    case '"': {
      const text = reader.readString();
      const bytes = Buffer.from(text, 'base64');
      const problem = text === bytes.toString('base64') ? problemOf(bytes) : 'is not base64';
      return problem === undefined ? bytes : reader.refuse(field, start, problem);
    }
    default:
      return reader.refuse(field, start, `must be an object or base64 of CBOR, not ${reader.peekTypeName()}`);
  }
}

/** As readData. */
export function* dataInSteps(reader: LargeJsonReader, field: string): Steps<EncodedData | undefined> {
  const start = reader.position;
  switch (reader.peek()) {
    case '{': {
      const data = yield* reader.encoder.encode(yield* reader.valueInSteps());
      const problem = reader.mentionsSpelling(start) ? yield* problemInSteps(data, reader) : undefined;
      return problem === undefined ? data : reader.refuse(field, start, problem);
    }
    case '"': {
      const bytes = yield* base64Bytes(reader.readString(), reader);
      const problem = bytes ? yield* problemInSteps(bytes, reader) : 'is not base64';
      return problem === undefined ? bytes : reader.refuse(field, start, problem);
    }
    default:
      return readData(reader, field);
  }
}

/** Why bytes are no dictionary, if they are none. */
function problemOf(bytes: Buffer): string | undefined {
  try {
    const reader = new CborReader(bytes);
    reader.skip();
    if (!reader.atEnd) return 'has something after the CBOR';
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    return `is not CBOR: ${error.message}`;
  }
  return isMap(bytes) ? undefined : 'must be a dictionary';
}

/** As problemOf. */
function* problemInSteps(bytes: Buffer, turn: Turn): Steps<string | undefined> {
  try {
    const scanning = scanInWindows(new ItemScanner(), bytes, 0, bytes.length);
    let step = scanning.next();
    for (; !step.done; step = scanning.next()) if (turn.isOverAfter(step.value)) yield;
    if (step.value < bytes.length) return 'has something after the CBOR';
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    return `is not CBOR: ${error.message}`;
  }
  return isMap(bytes) ? undefined : 'must be a dictionary';
}

/** How data are shown: as what JSON can say of them or else base64 of the CBOR, as JSON that spells out the rest, or as base64 always. */
export type DataForm = 'json' | 'cbor' | undefined;

/** The JSON of a dictionary. */
export function dataJson(data: EncodedData, form?: DataForm): string {
  if (form === 'cbor') return `"${base64(data)}"`;
  if (data.length === 1) return '{}';
  if (form === 'json') return plainDataJson(data);
  return jsonOf(new CborReader(data)) ?? `"${base64(data)}"`;
}

function base64(data: EncodedData): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

/** The JSON of the item at the cursor; undefined when JSON would lose something, the cursor is anywhere then. */
function jsonOf(reader: CborReader): string | undefined {
  switch (reader.peekMajor()) {
    case Major.Unsigned:
    case Major.Negative:
      return integerJson(reader.readInteger());
    case Major.Bytes:
    case Major.Text:
      return stringJson(reader);
    case Major.Array:
      return listJson(reader);
    case Major.Map:
      return mapJson(reader);
    case Major.Simple:
      return simpleJson(reader);
    default:
      // Every tag has a meaning that JSON has not.
      return undefined;
  }
}

const LARGEST_EXACT = 2 ** 53;

export function integerJson(value: number | bigint): string | undefined {
  return value >= -LARGEST_EXACT && value <= LARGEST_EXACT ? String(value) : undefined;
}

/** A text, or a byte string that is UTF-8. */
export function stringJson(reader: CborReader): string | undefined {
  const binary = reader.readStringBytes();
  if (isAscii(binary)) return JSON.stringify(binary);
  const bytes = Buffer.from(binary, 'latin1');
  return isUtf8(bytes) ? JSON.stringify(bytes.utf8Slice()) : undefined;
}

function listJson(reader: CborReader): string | undefined {
  let json = '[';
  for (let left = reader.enterArray(); reader.hasMore(left); left--) {
    const item = jsonOf(reader);
    if (item === undefined) return undefined;
    json += json.length === 1 ? item : `,${item}`;
  }
  return `${json}]`;
}

const DOLLAR = 0x24;

function mapJson(reader: CborReader): string | undefined {
  let json = '{';
  const keys = new Set<string>();
  const size = reader.enterMap();
  for (let left = size; reader.hasMore(left); left--) {
    const major = reader.peekMajor();
    if (major !== Major.Text && major !== Major.Bytes) return undefined;
    const key = stringJson(reader);
    // The text "a" and the byte string "a" are two keys, which an object would make one.
    if (key === undefined || keys.has(key)) return undefined;
    // It would be read as what it spells out; of a map of unknown length the size is not known before.
    if (size < 2 && key.charCodeAt(1) === DOLLAR && isSpelling(JSON.parse(key) as string)) return undefined;
    keys.add(key);
    const value = jsonOf(reader);
    if (value === undefined) return undefined;
    json += `${json.length === 1 ? '' : ','}${key}:${value}`;
  }
  return `${json}}`;
}

export function simpleJson(reader: CborReader): string | undefined {
  const first = reader.peek();
  if (first >= 0xf9 && first <= 0xfb) return floatJson(reader.readFloat());
  switch (reader.readSimple()) {
    case 20:
      return 'false';
    case 21:
      return 'true';
    case 22:
      return 'null';
    default:
      return undefined;
  }
}

/** A whole float keeps a fraction, so that it is read as a float again. */
function floatJson(value: number): string | undefined {
  if (!Number.isFinite(value) || Object.is(value, -0)) return undefined;
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
