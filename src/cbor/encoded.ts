import { Major, Tag } from './heads.js';
import { CborReader } from './reader.js';
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

/** The encoded items of a list or tuple, in order. */
export function* listItems(list: Uint8Array): Generator<Buffer> {
  const reader = new CborReader(list);
  skipTupleTag(reader);
  for (let left = reader.enterArray(); reader.hasMore(left); left--) yield reader.readRaw();
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
 * The map with some entries set and the others to the byte as they were. The entries set come last; whatever the map
 * had under their keys (text or byte string alike) is gone.
 */
export function withEntries(
  map: Uint8Array,
  entries: readonly (readonly [key: string | ByteString, value: Encodable])[],
): Buffer {
  const replaced = entries.map(([key]) => (typeof key === 'string' ? utf8Binary(key) : key.binary));
  const kept = [...mapEntries(map)].filter(([key]) => !replaced.some((binary) => new CborReader(key).takeKey(binary)));
  const writer = new CborWriter();
  writer.writeMapHead(kept.length + entries.length);
  for (const [key, value] of kept) {
    writer.writeRaw(key);
    writer.writeRaw(value);
  }
  for (const [key, value] of entries) {
    writer.writeValue(key);
    writer.writeValue(value);
  }
  return writer.take();
}
