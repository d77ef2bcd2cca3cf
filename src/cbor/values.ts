import { utf8Binary } from './utf8.js';

/**
 * What a decoded item is. Every number is an integer, a float is a `Float`, so that 1.0 and 1 stay apart; byte strings,
 * tuples and UUIDs have their own types. Maps keep their entries in order, whatever the types of their keys.
 */
export type CborValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Float
  | ByteString
  | Uuid
  | Tuple
  | Tagged
  | Simple
  | CborMap
  | CborValue[];

/** A float and the bytes it takes in encoded form, so that it is encoded as it came. */
export class Float {
  constructor(
    readonly value: number,
    readonly size: 2 | 4 | 8 = 8,
  ) {}
}

/** A byte string, held as a binary string: one char (0 to 255) per byte. */
export class ByteString {
  constructor(readonly binary: string) {}

  static ofText(text: string): ByteString {
    return new ByteString(utf8Binary(text));
  }

  /** The text that the bytes are the UTF-8 form of, if they are. */
  toText(): string | undefined {
    const text = Buffer.from(this.binary, 'latin1').toString('utf8');
    return utf8Binary(text) === this.binary ? text : undefined;
  }
}

/** Tag 37. */
export class Uuid {
  /** @param binary its sixteen bytes as a binary string */
  constructor(readonly binary: string) {}

  /** From the form with or without dashes; undefined when it is none. */
  static parse(text: string): Uuid | undefined {
    const hex = text.replaceAll('-', '');
    return /^[0-9a-f]{32}$/i.test(hex) ? new Uuid(Buffer.from(hex, 'hex').latin1Slice()) : undefined;
  }

  /** `00000000-0000-0000-0000-000000000000` */
  toString(): string {
    const hex = Buffer.from(this.binary, 'latin1').toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}

/** Tag 128: a Python tuple. */
export class Tuple<T = CborValue> {
  constructor(readonly items: readonly T[]) {}
}

/** A tag that has no type of its own here. */
export class Tagged<T = CborValue> {
  constructor(
    readonly tag: number | bigint,
    readonly value: T,
  ) {}
}

/** A simple value other than the booleans, null and undefined. */
export class Simple {
  constructor(readonly code: number) {}
}

/** A map: entries in order, of keys of any type, duplicates included. */
export class CborMap {
  constructor(readonly entries: [CborValue, CborValue][] = []) {}

  get size(): number {
    return this.entries.length;
  }

  /**
   * The value of the key that is this text or the byte string of its UTF-8 form; the last of several. Undefined where
   * there is none (or the value is CBOR's undefined).
   */
  get(key: string): CborValue {
    const index = this.indexOf(key);
    return index < 0 ? undefined : this.entries[index][1];
  }

  has(key: string): boolean {
    return this.indexOf(key) >= 0;
  }

  /** Replaces the value that `get` finds; the key keeps its type. A new key is added last, as a text. */
  set(key: string, value: CborValue): this {
    const index = this.indexOf(key);
    if (index < 0) this.entries.push([key, value]);
    else this.entries[index][1] = value;
    return this;
  }

  private indexOf(key: string): number {
    const binary = utf8Binary(key);
    return this.entries.findLastIndex(
      ([name]) => name === key || (name instanceof ByteString && name.binary === binary),
    );
  }
}
