/**
 * Data as the daemon has them, to the byte, read where one looks: nothing of a value is made before it is shown, so that ten megabytes
 * cost what their first lines do.
 */
export interface Item {
  readonly at: number;
  /** Where what follows it begins. */
  readonly end: number;
  readonly major: number;
  /** How many bytes, items or pairs it has; an integer; the number of a tag; the bits of a float. Absent: it goes on until a break. */
  readonly argument: bigint | undefined;
  /** The low five bits of its first byte: how wide the argument is. */
  readonly width: number;
  /** Where what is in it begins. */
  readonly body: number;
}

/** What a value is, in the words that are shown. */
export type Kind = 'integer' | 'bytes' | 'text' | 'list' | 'map' | 'tag' | 'float' | 'word' | 'simple';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const BREAK = 0xff;
/** So deep do items lie in each other at most. */
const DEPTH = 1_000;

export class CborItems {
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws RangeError where the bytes are no CBOR */
  item(at = 0, depth = 0): Item {
    const head = this.head(at);
    return { ...head, end: this.endOf(head, depth) };
  }

  kind({ major, width }: Item): Kind {
    if (major <= 1) return 'integer';
    if (major < 7) return (['bytes', 'text', 'list', 'map', 'tag'] as const)[major - 2];
    if (width >= 25 && width <= 27) return 'float';
    return width >= 20 && width <= 23 ? 'word' : 'simple';
  }

  /** What is in a list, or keys and values of a map by turns, or what a tag is of. */
  *inside(item: Item): Generator<Item> {
    const { major, argument, body } = item;
    const count = major === 6 ? 1 : argument === undefined ? Infinity : Number(argument) * (major === 5 ? 2 : 1);
    for (let at = body, i = 0; i < count; i++) {
      if (argument === undefined && this.bytes[at] === BREAK) return;
      const child = this.item(at);
      yield child;
      at = child.end;
    }
  }

  /** How many are in a list or a map, without making them. */
  size(item: Item): number {
    if (item.argument !== undefined) return Number(item.argument);
    const count = [...this.inside(item)].length;
    return item.major === 5 ? count / 2 : count;
  }

  integer({ major, argument }: Item): bigint {
    return major === 1 ? -1n - argument! : argument!;
  }

  float({ at, width }: Item): number {
    if (width === 27) return this.view.getFloat64(at + 1);
    if (width === 26) return this.view.getFloat32(at + 1);
    return halfOf(this.view.getUint16(at + 1));
  }

  /** The content of bytes or text. */
  content(item: Item): Uint8Array {
    if (item.argument !== undefined) return this.bytes.subarray(item.body, item.end);
    const chunks = [...this.inside(item)].map((chunk) => this.bytes.subarray(chunk.body, chunk.end));
    const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Text, or bytes that are such; undefined: they are none. */
  text(item: Item): string | undefined {
    try {
      return utf8.decode(this.content(item));
    } catch {
      return undefined;
    }
  }

  /** What a map has under a key that is text, or bytes that are such. */
  valueOf(map: Item, key: string): Item | undefined {
    if (map.major !== 5) return undefined;
    let isNext = false;
    let isKey = true;
    for (const item of this.inside(map)) {
      if (isKey) isNext = (item.major === 2 || item.major === 3) && this.text(item) === key;
      else if (isNext) return item;
      isKey = !isKey;
    }
    return undefined;
  }

  private head(at: number): Omit<Item, 'end'> {
    const first = this.view.getUint8(at);
    const [major, width] = [first >> 5, first & 31];
    const read = (): [bigint | undefined, number] => {
      if (width < 24) return [BigInt(width), 1];
      if (width === 24) return [BigInt(this.view.getUint8(at + 1)), 2];
      if (width === 25) return [BigInt(this.view.getUint16(at + 1)), 3];
      if (width === 26) return [BigInt(this.view.getUint32(at + 1)), 5];
      if (width === 27) return [this.view.getBigUint64(at + 1), 9];
      if (width === 31 && major >= 2 && major <= 5) return [undefined, 1];
      throw new RangeError(`these bytes are no CBOR: at ${at}`);
    };
    const [argument, length] = read();
    return { at, major, width, argument, body: at + length };
  }

  private endOf({ major, argument, body }: Omit<Item, 'end'>, depth: number): number {
    if (depth > DEPTH) throw new RangeError('these values lie too deep in each other');
    if ((major === 2 || major === 3) && argument !== undefined) {
      const end = body + Number(argument);
      if (end > this.bytes.length) throw new RangeError('these bytes end within a value');
      return end;
    }
    if (major < 2 || major === 7) return body;
    const count = major === 6 ? 1 : argument === undefined ? Infinity : Number(argument) * (major === 5 ? 2 : 1);
    let at = body;
    for (let i = 0; i < count; i++) {
      if (argument === undefined && this.bytes[at] === BREAK) return at + 1;
      at = this.endOf(this.head(at), depth + 1);
    }
    return at;
  }
}

/** A float of 16 bits. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export const WORDS: Readonly<Record<number, string>> = { 20: 'false', 21: 'true', 22: 'null', 23: 'undefined' };
const TAGS: Readonly<Record<string, string>> = {
  0: 'time',
  1: 'time',
  2: 'large integer',
  3: 'large integer',
  4: 'decimal',
  24: 'CBOR in bytes',
  32: 'URI',
  37: 'UUID',
  128: 'tuple',
  258: 'set',
};

/** What a tag is called; its number where it has no name here. */
export function tagName(tag: bigint): string {
  const name = TAGS[String(tag)];
  return name === undefined ? `tag ${tag}` : `${name}`;
}

export function uuidText(bytes: Uint8Array): string | undefined {
  return bytes.length === 16 ? hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : undefined;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A float as text that is read as one again: whole ones with a fraction. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
