import { isUtf8 } from 'node:buffer';
import { CborReader, encode, Float, Major, MAX_DEPTH, Tag, Uuid } from '../../cbor/index.js';
import type { EncodedData } from '../../domain/data.js';
import { isSpelling } from './spelt-out.js';

/**
 * A dictionary as plain JSON that loses nothing: what JSON cannot say is spelt out, and what is encoded otherwise than it
 * would be here (a length of no bound, a head longer than it need be) is `{"$cbor": base64}`. Read again it is the same
 * to the byte.
 */
export function plainDataJson(data: EncodedData): string {
  return itemJson(new CborReader(data), MAX_DEPTH);
}

/** Most levels of JSON that one level of CBOR takes, `{"$map": [[key, value]]}`, and one for what is inside. */
export const LEVELS = 4;

/** The JSON of the item at the cursor. @param depth - how many levels of JSON may be inside of each other */
export function itemJson(reader: CborReader, depth: number): string {
  if (depth < LEVELS || !hasShortestHead(reader)) return rawJson(reader);
  switch (reader.peekMajor()) {
    case Major.Unsigned:
    case Major.Negative:
      return integerJson(reader.readInteger());
    case Major.Bytes:
      return bytesJson(reader.readBytes());
    case Major.Text:
      return textJson(reader) ?? rawJson(reader);
    case Major.Array:
      return listJson(reader, depth - 1);
    case Major.Map:
      return mapJson(reader, depth);
    case Major.Tag:
      return tagJson(reader, depth);
    default:
      return simpleJson(reader);
  }
}

/** Whether the head of the next item is as short as it can be; one of a float has the length of its number. */
export function hasShortestHead({ buffer, offset }: CborReader): boolean {
  const info = buffer[offset] & 31;
  const isSimple = buffer[offset] >> 5 === 7;
  switch (info) {
    case 24:
      return buffer[offset + 1] >= (isSimple ? 32 : 24);
    case 25:
      return isSimple || buffer.readUInt16BE(offset + 1) > 0xff;
    case 26:
      return isSimple || buffer.readUInt32BE(offset + 1) > 0xffff;
    case 27:
      return isSimple || buffer.readUInt32BE(offset + 1) > 0;
    default:
      return info !== 31;
  }
}

function rawJson(reader: CborReader): string {
  return `{"$cbor":"${reader.readRaw().toString('base64')}"}`;
}

function integerJson(value: number | bigint): string {
  return Number.isSafeInteger(value) ? String(value) : `{"$int":"${value}"}`;
}

function bytesJson(binary: string): string {
  const bytes = Buffer.from(binary, 'latin1');
  return isUtf8(bytes) ? `{"$utf8":${JSON.stringify(bytes.utf8Slice())}}` : `{"$bytes":"${bytes.toString('base64')}"}`;
}

/** @returns undefined when it is no text after all; the cursor stays then */
function textJson(reader: CborReader): string | undefined {
  const { buffer, offset } = reader;
  const bytes = Buffer.from(reader.readStringBytes(), 'latin1');
  if (isUtf8(bytes)) return JSON.stringify(bytes.utf8Slice());
  reader.reset(buffer, offset);
  return undefined;
}

function listJson(reader: CborReader, depth: number): string {
  const items: string[] = [];
  for (let left = reader.enterArray(); reader.hasMore(left); left--) items.push(itemJson(reader, depth));
  return `[${items.join(',')}]`;
}

function mapJson(reader: CborReader, depth: number): string {
  const { buffer, offset } = reader;
  const json = objectJson(reader, depth - 1);
  if (json !== undefined) return json;
  reader.reset(buffer, offset);
  const pairs: string[] = [];
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    pairs.push(`[${itemJson(reader, depth - 3)},${itemJson(reader, depth - 3)}]`);
  }
  return `{"$map":[${pairs.join(',')}]}`;
}

/** A map as an object; undefined when its keys are not all different texts, or it would be taken for a spelling. */
function objectJson(reader: CborReader, depth: number): string | undefined {
  const members: string[] = [];
  const keys = new Set<string>();
  const size = reader.enterMap();
  for (let left = size; reader.hasMore(left); left--) {
    if (reader.peekMajor() !== Major.Text || !hasShortestHead(reader)) return undefined;
    const key = textJson(reader);
    if (key === undefined || keys.has(key) || (size === 1 && isSpelling(JSON.parse(key) as string))) return undefined;
    keys.add(key);
    members.push(`${key}:${itemJson(reader, depth)}`);
  }
  return `{${members.join(',')}}`;
}

function tagJson(reader: CborReader, depth: number): string {
  const tag = reader.readTag();
  if (hasShortestHead(reader)) {
    if (tag === Tag.Tuple && reader.peekMajor() === Major.Array) return `{"$tuple":${listJson(reader, depth - 2)}}`;
    const { buffer, offset } = reader;
    // A byte string of sixteen bytes.
    if (tag === Tag.Uuid && buffer[offset] === 0x50) return `{"$uuid":"${new Uuid(reader.readBytes()).toString()}"}`;
  }
  const number = Number.isSafeInteger(tag) ? String(tag) : `"${tag}"`;
  return `{"$tag":[${number},${itemJson(reader, depth - 2)}]}`;
}

const FLOAT_SIZES: Readonly<Record<number, 2 | 4 | 8>> = { 0xf9: 2, 0xfa: 4, 0xfb: 8 };

function simpleJson(reader: CborReader): string {
  const first = reader.peek();
  const size = FLOAT_SIZES[first] as 2 | 4 | 8 | undefined;
  if (size !== undefined) return floatJson(reader, size);
  const code = reader.readSimple();
  switch (code) {
    case 20:
      return 'false';
    case 21:
      return 'true';
    case 22:
      return 'null';
    case 23:
      return '{"$undefined":true}';
    default:
      return `{"$simple":${code}}`;
  }
}

/** A whole float of eight bytes keeps a fraction, so that it is read as a float again. */
function floatJson(reader: CborReader, size: 2 | 4 | 8): string {
  const { buffer, offset } = reader;
  const value = reader.readFloat();
  // One of the many NaN that are written otherwise here.
  if (!encode(new Float(value, size)).equals(buffer.subarray(offset, reader.offset))) {
    return rawJson(reader.reset(buffer, offset));
  }
  const isWord = !Number.isFinite(value) || Object.is(value, -0);
  const text = isWord ? `"${Object.is(value, -0) ? '-0.0' : value}"` : numberText(value);
  if (size !== 8) return `{"$float${size * 8}":${text}}`;
  return isWord ? `{"$float":${text}}` : text;
}

function numberText(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
