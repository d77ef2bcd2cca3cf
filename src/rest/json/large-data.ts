import { isUtf8 } from 'node:buffer';
import { CborReader, isContinuation, Major, type MajorType } from '../../cbor/index.js';
import type { EncodedData } from '../../domain/data.js';
import { base64Pieces } from '../../structures/base64-pieces.js';
import { SplitMap } from '../../structures/split-map.js';
import { isSpelling } from './spelt-out.js';
import { integerJson, simpleJson, stringJson } from './data.js';

/** Bytes of one piece of JSON, about. */
const PIECE = 32 * 1024;
/** So many items are gone over between two pieces, which may be empty: whoever takes them decides how to go on. */
const ITEMS = 256;

/**
 * The JSON of a large dictionary in pieces, as dataJson gives it in one. Some pieces are empty: they stand for work that
 * was done. It is gone over twice, since the first piece depends on whether JSON can say all of it.
 */
export function* dataPieces(data: EncodedData): Generator<string, void> {
  if (yield* walk(data, new Check())) {
    const writer = new Writer();
    yield* walk(data, writer);
    yield writer.take();
  } else {
    yield* base64Pieces(data);
  }
}

interface Visitor {
  open(isMap: boolean): void;
  close(isMap: boolean): void;
  /** Between two items. */
  separate(): void;
  /** Takes the key of an entry, maybe the only one. @returns false when JSON cannot say it */
  key(reader: CborReader, mayBeAlone: boolean): boolean;
  /** Takes an item that is no container. @returns false when JSON cannot say it; what is long as pieces */
  leaf(reader: CborReader, major: MajorType): boolean | Iterable<string>;
  /** What there is of JSON, if that is worth a piece. */
  piece(): string;
}

/** Goes over a dictionary item by item. @returns false as soon as there is something that JSON cannot say */
function* walk(data: EncodedData, visitor: Visitor): Generator<string, boolean> {
  const reader = new CborReader(data);
  const levels: { readonly isMap: boolean; readonly mayBeAlone: boolean; left: number; isFirst: boolean }[] = [];
  for (let items = 1; ; items++) {
    const level = levels.at(-1);
    if (level) {
      if (!reader.hasMore(level.left)) {
        visitor.close(level.isMap);
        levels.pop();
        if (levels.length === 0) return true;
        continue;
      }
      level.left--;
      if (!level.isFirst) visitor.separate();
      level.isFirst = false;
      if (level.isMap && !visitor.key(reader, level.mayBeAlone)) return false;
    }
    const major = reader.peekMajor();
    if (major === Major.Map || major === Major.Array) {
      const isMap = major === Major.Map;
      const left = isMap ? reader.enterMap() : reader.enterArray();
      levels.push({ isMap, mayBeAlone: left < 2, left, isFirst: true });
      visitor.open(isMap);
    } else {
      const said = visitor.leaf(reader, major);
      if (said === false) return false;
      if (said !== true) yield* said;
    }
    if (items % ITEMS === 0) yield visitor.piece();
  }
}

/** Finds what JSON would lose. */
class Check implements Visitor {
  private readonly keys: SplitMap<true>[] = [];

  open(isMap: boolean): void {
    if (isMap) this.keys.push(new SplitMap<true>());
  }

  close(isMap: boolean): void {
    if (isMap) this.keys.pop();
  }

  separate(): void {}

  key(reader: CborReader, mayBeAlone: boolean): boolean {
    const major = reader.peekMajor();
    if (major !== Major.Text && major !== Major.Bytes) return false;
    const key = reader.readStringBytes();
    if (!isUtf8(Buffer.from(key, 'latin1'))) return false;
    // It would be read as what it spells out.
    if (mayBeAlone && isSpelling(key)) return false;
    return this.keys[this.keys.length - 1].set(key, true);
  }

  leaf(reader: CborReader, major: MajorType): boolean {
    switch (major) {
      case Major.Unsigned:
      case Major.Negative:
        return integerJson(reader.readInteger()) !== undefined;
      case Major.Bytes:
      case Major.Text:
        return isUtf8(contentsOf(reader));
      case Major.Simple:
        return simpleJson(reader) !== undefined;
      default:
        return false;
    }
  }

  piece(): string {
    return '';
  }
}

/** Writes what has been checked. */
class Writer implements Visitor {
  private json = '';

  open(isMap: boolean): void {
    this.json += isMap ? '{' : '[';
  }

  close(isMap: boolean): void {
    this.json += isMap ? '}' : ']';
  }

  separate(): void {
    this.json += ',';
  }

  key(reader: CborReader): boolean {
    this.json += `${stringJson(reader)}:`;
    return true;
  }

  leaf(reader: CborReader, major: MajorType): true | Iterable<string> {
    switch (major) {
      case Major.Unsigned:
      case Major.Negative:
        this.json += integerJson(reader.readInteger());
        return true;
      case Major.Simple:
        this.json += simpleJson(reader);
        return true;
      default: {
        const bytes = contentsOf(reader);
        if (bytes.length > PIECE) return stringPieces(this.take(), bytes);
        this.json += JSON.stringify(bytes.utf8Slice());
        return true;
      }
    }
  }

  piece(): string {
    return this.json.length >= PIECE ? this.take() : '';
  }

  take(): string {
    const { json } = this;
    this.json = '';
    return json;
  }
}

/** The bytes of a string, where they lie if they lie in one piece. */
export function contentsOf(reader: CborReader): Buffer {
  const first = reader.peek();
  const info = first & 31;
  if (info === 31) return Buffer.from(reader.readStringBytes(), 'latin1');
  const raw = reader.readRaw();
  return raw.subarray(info < 24 ? 1 : 1 + (1 << (info - 24)));
}

export function* stringPieces(before: string, bytes: Buffer): Generator<string> {
  yield `${before}"`;
  for (let at = 0, end; at < bytes.length; at = end) {
    end = Math.min(at + PIECE, bytes.length);
    // Not inside a character.
    while (end < bytes.length && isContinuation(bytes[end])) end--;
    yield JSON.stringify(bytes.utf8Slice(at, end)).slice(1, -1);
  }
  yield '"';
}
