import { isUtf8 } from 'node:buffer';
import { CborReader, ItemScanner, Major, MAX_DEPTH, Tag } from '../../cbor/index.js';
import type { EncodedData } from '../../domain/data.js';
import { SplitMap } from '../../structures/split-map.js';
import { base64Pieces } from '../../structures/base64-pieces.js';
import { contentsOf, stringPieces } from './large-data.js';
import { hasShortestHead, itemJson, LEVELS } from './plain-data.js';
import { isSpelling } from './spelt-out.js';

/** Bytes of one piece of JSON, about, and of what is gone over between two pieces. */
const PIECE = 32 * 1024;
/** So many items are gone over between two pieces, which may be empty: whoever takes them decides how to go on. */
const ITEMS = 256;
/** Longer strings are written in pieces. */
const LONG = 4 * 1024;

/**
 * The JSON of a large dictionary in pieces, as plainDataJson gives it in one. Some pieces are empty: they stand for work
 * that was done. It is gone over twice: of each map its beginning depends on whether all of its keys let it be an object.
 */
export function* plainPieces(data: EncodedData): Generator<string, void> {
  yield* written(data, yield* mapsThatAreNoObjects(data));
}

/** A bit for each byte of the data: whether a map begins there that is to be spelt out. */
class Marks {
  private readonly bits: Uint8Array;

  constructor(bytes: number) {
    this.bits = new Uint8Array((bytes >> 3) + 1);
  }

  set(at: number): void {
    this.bits[at >> 3] |= 1 << (at & 7);
  }

  has(at: number): boolean {
    return (this.bits[at >> 3] & (1 << (at & 7))) !== 0;
  }
}

interface OpenMap {
  readonly at: number;
  readonly mayBeAlone: boolean;
  readonly keys: SplitMap<true>;
}

function* mapsThatAreNoObjects(data: EncodedData): Generator<string, Marks> {
  const marks = new Marks(data.length);
  const reader = new CborReader(data);
  const levels: { left: number; map: OpenMap | undefined; isKey: boolean }[] = [
    { left: 1, map: undefined, isKey: false },
  ];
  for (let items = 1; ; items++) {
    const level = levels[levels.length - 1];
    if (!level.isKey && !reader.hasMore(level.left)) {
      levels.pop();
      if (levels.length === 0) return marks;
      continue;
    }
    if (items % ITEMS === 0) yield '';
    if (level.map) {
      level.isKey = !level.isKey;
      if (level.isKey) {
        level.left--;
        const key = textOf(reader);
        if (key !== undefined) {
          const { map } = level;
          if ((map.mayBeAlone && isSpelling(key)) || !map.keys.set(key, true)) marks.set(map.at);
          continue;
        }
        marks.set(level.map.at);
      }
    } else level.left--;
    const at = reader.offset;
    switch (reader.peekMajor()) {
      case Major.Array:
        levels.push({ left: reader.enterArray(), map: undefined, isKey: false });
        break;
      case Major.Map: {
        const left = reader.enterMap();
        levels.push({ left, map: { at, mayBeAlone: left === 1, keys: new SplitMap() }, isKey: false });
        break;
      }
      case Major.Tag:
        reader.readTag();
        levels.push({ left: 1, map: undefined, isKey: false });
        break;
      default:
        reader.skip();
    }
  }
}

/** A text that may be the key of an object, past which the cursor is then; else undefined, and the cursor stays. */
function textOf(reader: CborReader): string | undefined {
  if (reader.peekMajor() !== Major.Text || !hasShortestHead(reader)) return undefined;
  const { buffer, offset } = reader;
  const binary = reader.readStringBytes();
  if (isUtf8(Buffer.from(binary, 'latin1'))) return binary;
  reader.reset(buffer, offset);
  return undefined;
}

/** What of a container is still to be written. */
interface Level {
  readonly kind: 'items' | 'members' | 'pairs';
  /** How many items, keys of pairs and values counted each. */
  left: number;
  /** How many levels of JSON may be inside of each other in an item. */
  readonly depth: number;
  /** What comes behind the last one. */
  readonly end: string;
  isFirst: boolean;
  isValue: boolean;
}

function* written(data: EncodedData, spelt: Marks): Generator<string, void> {
  const reader = new CborReader(data);
  const levels: Level[] = [];
  let json = '';
  const open = (kind: Level['kind'], left: number, depth: number, begin: string, end: string): void => {
    json += begin;
    levels.push({ kind, left, depth, end, isFirst: true, isValue: false });
  };
  for (let items = 1; ; items++) {
    const level = levels.at(-1);
    if (level) {
      if (level.left === 0) {
        if (level.kind === 'pairs' && !level.isFirst) json += ']';
        json += level.end;
        levels.pop();
        if (levels.length > 0) continue;
        yield json;
        return;
      }
      level.left--;
      json += before(level);
      if (level.kind === 'members') json += `${JSON.stringify(contentsOf(reader).utf8Slice())}:`;
    }
    if (json.length >= PIECE || items % ITEMS === 0) {
      yield json;
      json = '';
    }
    const depth = level ? level.depth : MAX_DEPTH;
    if (depth < LEVELS || !hasShortestHead(reader)) {
      yield json;
      json = '';
      yield* rawPieces(reader);
      if (!level) return;
      continue;
    }
    switch (reader.peekMajor()) {
      case Major.Array:
        open('items', reader.enterArray(), depth - 1, '[', ']');
        break;
      case Major.Map: {
        const isSpelt = spelt.has(reader.offset);
        const left = reader.enterMap();
        if (isSpelt) open('pairs', 2 * left, depth - 3, '{"$map":[', ']}');
        else open('members', left, depth - 1, '{', '}');
        break;
      }
      case Major.Tag: {
        const { buffer, offset } = reader;
        const tag = reader.readTag();
        const isShort = hasShortestHead(reader);
        if (isShort && tag === Tag.Tuple && reader.peekMajor() === Major.Array) {
          open('items', reader.enterArray(), depth - 2, '{"$tuple":[', ']}');
        } else if (isShort && tag === Tag.Uuid && buffer[reader.offset] === UUID_HEAD) {
          json += itemJson(reader.reset(buffer, offset), depth);
        } else {
          const number = Number.isSafeInteger(tag) ? String(tag) : `"${tag}"`;
          open('items', 1, depth - 2, `{"$tag":[${number},`, ']}');
        }
        break;
      }
      case Major.Bytes:
      case Major.Text:
        if (isLong(reader)) {
          yield json;
          json = '';
          yield* longString(reader);
        } else json += itemJson(reader, depth);
        break;
      default:
        json += itemJson(reader, depth);
    }
  }
}

/** A byte string of sixteen bytes. */
const UUID_HEAD = 0x50;

/** What comes before the next item of a container. */
function before(level: Level): string {
  const { kind, isFirst, isValue } = level;
  level.isFirst = false;
  if (kind !== 'pairs') return isFirst ? '' : ',';
  level.isValue = !isValue;
  if (isValue) return ',';
  return isFirst ? '[' : '],[';
}

/** Whether a string, whose head is as short as it can be, is a long one. */
function isLong({ buffer, offset }: CborReader): boolean {
  const info = buffer[offset] & 31;
  return info > 25 || (info === 25 && buffer.readUInt16BE(offset + 1) > LONG);
}

function* longString(reader: CborReader): Generator<string> {
  const isText = reader.peekMajor() === Major.Text;
  const { buffer, offset } = reader;
  const bytes = contentsOf(reader);
  const isUtf = isUtf8(bytes);
  if (isText && !isUtf) {
    yield* rawPieces(reader.reset(buffer, offset));
    return;
  }
  yield isText ? '' : isUtf ? '{"$utf8":' : '{"$bytes":';
  yield* isUtf ? stringPieces('', bytes) : base64Pieces(bytes);
  if (!isText) yield '}';
}

/** An item as it is encoded, whose end is looked for in pieces. */
function* rawPieces(reader: CborReader): Generator<string> {
  const { buffer, offset } = reader;
  const scanner = new ItemScanner();
  let end = -1;
  for (let seen = offset + PIECE; end < 0; seen += PIECE) {
    end = scanner.scan(buffer, offset, Math.min(seen, buffer.length));
    yield '';
  }
  reader.reset(buffer, end);
  yield '{"$cbor":';
  yield* base64Pieces(buffer.subarray(offset, end));
  yield '}';
}
