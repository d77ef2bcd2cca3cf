import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteString,
  CborError,
  CborReader,
  decodeValue,
  encode,
  Float,
  readValue,
  Tuple,
} from '../../src/cbor/index.js';
import { hostile, wellFormed } from './arbitraries.js';
import { sized } from '../support/full-size.js';

const reader = (hex: string) => new CborReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** What reading does, errors other than CborError excepted. */
function outcome<T>(read: () => T): T | 'CborError' {
  try {
    return read();
  } catch (error) {
    if (error instanceof CborError) return 'CborError';
    throw error;
  }
}

describe('CborReader', () => {
  it('skips as far as decoding reads', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (item, next) => {
        const both = Buffer.concat([item, next]);
        const skipping = new CborReader(both);
        const decoding = new CborReader(both);
        expect(skipping.skip()).toBe(0);
        readValue(decoding);
        expect([skipping.offset, decoding.offset]).toEqual([item.length, item.length]);
        expect(skipping.readRaw().equals(next)).toBe(true);
      }),
      { numRuns: sized(1000, 100) },
    );
  });

  it('throws nothing but CborError at hostile input, and skip accepts whatever decoding does', () => {
    fc.assert(
      fc.property(hostile, (bytes) => {
        const decoded = outcome(() => encode(decodeValue(bytes)));
        const skipped = outcome(() => {
          const skipping = new CborReader(bytes);
          skipping.skip();
          return skipping.atEnd;
        });
        if (decoded !== 'CborError') expect(skipped).toBe(true);
        if (skipped === 'CborError') expect(decoded).toBe('CborError');
      }),
      { numRuns: sized(5000, 300) },
    );
  });

  it('does not overflow the stack', () => {
    for (const byte of [0x81, 0x9f, 0xa1, 0xbf, 0xc1, 0xd8]) {
      const deep = Buffer.alloc(5_000_000, byte);
      expect(outcome(() => new CborReader(deep).skip())).toBe('CborError');
      expect(outcome(() => decodeValue(deep))).toBe('CborError');
    }
    const deepest = Buffer.concat([Buffer.alloc(512, 0x81), Buffer.alloc(512, 0xc1), Buffer.from([0])]);
    expect(encode(decodeValue(deepest)).equals(deepest)).toBe(true);
    expect(outcome(() => decodeValue(deepest, { maxDepth: 511 }))).toBe('CborError');
  });

  it('reads integers of every width exactly', () => {
    expect(reader('1b 001fffffffffffff').readInteger()).toBe(Number.MAX_SAFE_INTEGER);
    expect(reader('1b 0020000000000000').readInteger()).toBe(2n ** 53n);
    expect(reader('1b 0020000000000001').readInteger()).toBe(2n ** 53n + 1n);
    expect(reader('3b 001ffffffffffffe').readInteger()).toBe(Number.MIN_SAFE_INTEGER);
    expect(reader('3b 001fffffffffffff').readInteger()).toBe(-(2n ** 53n));
    expect(reader('1a ffffffff').readInteger()).toBe(4294967295);
  });

  it('reads numbers of every type', () => {
    for (const [hex, value] of [
      ['03', 3],
      ['22', -3],
      ['f94200', 3],
      ['fa40400000', 3],
      ['fb4008000000000000', 3],
    ] as const)
      // prettier-ignore
      expect(reader(hex).readNumber()).toBe(value);
    expect(reader('1b ffffffffffffffff').readNumber()).toBe(2 ** 64);
    expect(() => reader('6133').readNumber()).toThrow('expected a number, not a text');
  });

  it('reads the bytes of text and byte strings', () => {
    expect(reader('62 c3bc').readStringBytes()).toBe('\xc3\xbc');
    expect(reader('42 c3bc').readStringBytes()).toBe('\xc3\xbc');
    expect(reader('7f 61 c3 61 bc ff').readStringBytes()).toBe('\xc3\xbc');
    expect(reader('5f 41 c3 40 ff').readBytes()).toBe('\xc3');
    expect(() => reader('81 01').readStringBytes()).toThrow('expected a string, not a list');
  });

  it('refuses text that is not UTF-8', () => {
    for (const bytes of ['61 ff', '62 c328', '63 eda080', '7f 61 c3 61 bc ff', '63 e08080'])
      expect(
        outcome(() => reader(bytes).readText()),
        bytes,
      ).toBe('CborError');
    expect(reader('64 efbbbf61').readText()).toBe('\ufeffa');
  });

  it('walks lists and maps of either length', () => {
    for (const hex of ['83 01 02 03', '9f 01 02 03 ff']) {
      const list = reader(hex);
      const items = [];
      for (let left = list.enterArray(); list.hasMore(left); left--) items.push(list.readInteger());
      expect(items).toEqual([1, 2, 3]);
      expect(list.atEnd).toBe(true);
    }
    for (const hex of ['a2 61 61 01 41 62 02', 'bf 61 61 01 41 62 02 ff']) {
      const map = reader(hex);
      const entries = [];
      for (let left = map.enterMap(); map.hasMore(left); left--) entries.push(map.readStringBytes(), map.readInteger());
      expect(entries).toEqual(['a', 1, 'b', 2]);
      expect(map.atEnd).toBe(true);
    }
  });

  it('takes a key by its bytes, whatever its type', () => {
    for (const hex of ['62 c3bc', '42 c3bc', '7f 62 c3bc ff', '5f 41 c3 41 bc ff']) {
      const key = reader(hex);
      expect(key.takeKey('\xc3')).toBe(false);
      expect(key.takeKey('\xc3\xbd')).toBe(false);
      expect(key.offset).toBe(0);
      expect(key.takeKey('\xc3\xbc')).toBe(true);
      expect(key.atEnd).toBe(true);
    }
    expect(reader('01').takeKey('\x01')).toBe(false);
  });

  it('refuses counts that the input cannot hold before making room', () => {
    expect(outcome(() => reader('9b 7fffffffffffffff 00').enterArray())).toBe('CborError');
    expect(outcome(() => decodeValue(Buffer.from('bb00000000ffffffff00', 'hex')))).toBe('CborError');
  });

  it('stays where it is at another type', () => {
    const list = reader('81 01');
    for (const read of [
      'readText',
      'readBytes',
      'readInteger',
      'readNumber',
      'readBoolean',
      'enterMap',
      'readTag',
      'readSimple',
      'readFloat',
    ] as const)
      // prettier-ignore
      expect(() => list[read](), read).toThrow(/expected an? .*, not a list, at byte 0/);
    expect(list.enterArray()).toBe(1);
  });

  it('takes null and undefined alike', () => {
    const both = reader('f6 f7 00');
    expect([both.takeNull(), both.takeNull(), both.takeNull()]).toEqual([true, true, false]);
  });

  it('reads within its bounds only', () => {
    const bytes = encode([1, 'text', new Tuple([new Float(1), new ByteString('x')])]);
    for (let end = 0; end < bytes.length; end++) {
      const shorter = new CborReader(bytes, 0, end);
      expect(
        outcome(() => readValue(shorter)),
        `${end}`,
      ).toBe('CborError');
      expect(
        outcome(() => shorter.reset(bytes, 0, end).skip()),
        `${end}`,
      ).toBe('CborError');
    }
  });
});
