/** A Python tuple (CBOR tag 128), which is something else than a list to Python workers. */
export class Tuple<T extends readonly unknown[] = readonly unknown[]> {
  constructor(readonly items: T) {}

  [Symbol.iterator](): IterableIterator<T[number]> {
    return this.items[Symbol.iterator]();
  }
}

/** A UUID (CBOR tag 37). */
export class Uuid {
  /** @param bytes its 16 bytes @throws RangeError when they are not 16 */
  constructor(readonly bytes: Uint8Array) {
    if (bytes.length !== 16) throw new RangeError(`a UUID has 16 bytes, not ${bytes.length}`);
  }

  /** @param text `01234567-89ab-cdef-0123-456789abcdef`, dashes and case as you like @throws RangeError */
  static parse(text: string): Uuid {
    const digits = text.replaceAll('-', '');
    if (!/^[0-9a-f]{32}$/i.test(digits)) throw new RangeError(`not a UUID: ${text.slice(0, 60)}`);
    return new Uuid(Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16)));
  }

  toString(): string {
    const digits = Array.from(this.bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}

/** A value behind a CBOR tag that means nothing here. It is kept as it came. */
export class Tagged {
  constructor(
    readonly tag: number | bigint,
    readonly value: unknown,
  ) {}
}

/** A value that is encoded already, and goes out to the byte as it is here. */
export class RawCbor {
  constructor(readonly bytes: Uint8Array) {}
}
