import { Major, Tag } from './heads.js';
import { CborReader } from './reader.js';
import { ItemScanner } from './scanner.js';
import { utf8Binary } from './utf8.js';
import type { ByteString } from './values.js';
import { CborWriter, type Encodable } from './writer.js';

/**
 * Looking into encoded maps and lists without decoding what is not asked for. What comes back is a view of the encoded
 * item and shares memory with the bytes given.
 */

/** The value of the key that is this text or the byte string of its UTF-8 form; the last of several. */
export function mapEntry(map: Uint8Array, key: string): Buffer | undefined {
  const reader = new CborReader(map);
  const binary = utf8Binary(key);
  let value: Buffer | undefined;
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    if (reader.takeKey(binary)) {
      value = reader.readRaw();
    } else {
      reader.skip();
      reader.skip();
    }
  }
  return value;
}

/** The encoded keys and values of a map, in order. */
export function* mapEntries(map: Uint8Array): Generator<[key: Buffer, value: Buffer]> {
  const reader = new CborReader(map);
  for (let left = reader.enterMap(); reader.hasMore(left); left--) yield [reader.readRaw(), reader.readRaw()];
}

/** What is looked at in one step of a long item, in bytes. */
const STEP_BYTES = 4096;

/**
 * Goes over the entries of a map, however large, in steps, each of which yields how many bytes were passed.
 * @param take - is told of each entry where its key begins, where its value does and where that ends
 * @returns how many entries there are
 */
export function* walkEntries(
  map: Uint8Array,
  take: (keyAt: number, valueAt: number, end: number) => void,
): Generator<number, number> {
  const reader = new CborReader(map);
  const scanner = new ItemScanner();
  let entries = 0;
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    const keyAt = reader.offset;
    yield* pass(reader, scanner);
    const valueAt = reader.offset;
    yield* pass(reader, scanner);
    take(keyAt, valueAt, reader.offset);
    entries++;
  }
  return entries;
}

function* pass(reader: CborReader, scanner: ItemScanner): Generator<number, void> {
  const { buffer, offset } = reader;
  let end = -1;
  for (let seen = offset + STEP_BYTES; end < 0; seen += STEP_BYTES) {
    end = scanner.scan(buffer, offset, Math.min(seen, buffer.length));
    yield Math.min(seen, end < 0 ? seen : end) - Math.max(offset, seen - STEP_BYTES);
  }
  reader.reset(buffer, end);
}

/** Whether the bytes begin with a map's head. */
export function isMap(encoded: Uint8Array): boolean {
  return encoded.length > 0 && encoded[0] >> 5 === Major.Map;
}

/** Moves to the list inside a tuple, if the reader is at a tuple. */
export function skipTupleTag(reader: CborReader): void {
  if (reader.peekTag() === Tag.Tuple) reader.readTag();
}

/**
 * The map with some entries set and the others to the byte as they were. An entry whose key (text or byte string alike)
 * the map has already keeps its place and the type of its key; the others come last.
 */
export function withEntries(
  map: Uint8Array,
  entries: readonly (readonly [key: string | ByteString, value: Encodable])[],
): Buffer {
  const missing = new Map(entries.map((entry) => [binaryKey(entry[0]), entry]));
  const replaced = new Set<string>();
  const writer = new CborWriter();
  let count = 0;
  for (const [key, value] of mapEntries(map)) {
    const binary = entries.map(([name]) => binaryKey(name)).find((name) => new CborReader(key).takeKey(name));
    if (binary !== undefined && replaced.has(binary)) continue;
    count++;
    writer.writeRaw(key);
    if (binary === undefined) {
      writer.writeRaw(value);
    } else {
      writer.writeValue(missing.get(binary)![1]);
      missing.delete(binary);
      replaced.add(binary);
    }
  }
  for (const [key, value] of missing.values()) {
    count++;
    writer.writeValue(key);
    writer.writeValue(value);
  }
  const written = writer.take();
  writer.writeMapHead(count);
  writer.writeRaw(written);
  return writer.take();
}

function binaryKey(key: string | ByteString): string {
  return typeof key === 'string' ? utf8Binary(key) : key.binary;
}
