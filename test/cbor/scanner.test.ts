import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CborError, ItemScanner, type ScanLimits } from '../../src/cbor/index.js';
import { frame, wellFormed } from './arbitraries.js';
import { sized } from '../support/full-size.js';

/** The items that a scanner finds in input that comes in pieces; bytes move to a new buffer with every piece. */
function scanPieces(pieces: readonly Buffer[], limits?: ScanLimits): Buffer[] {
  const scanner = new ItemScanner(limits);
  const found: Buffer[] = [];
  let pending = Buffer.alloc(0);
  for (const piece of pieces) {
    pending = Buffer.concat([pending, piece]);
    for (let end; (end = scanner.scan(pending, 0, pending.length)) >= 0; pending = pending.subarray(end)) {
      found.push(pending.subarray(0, end));
      if (end === pending.length) {
        pending = Buffer.alloc(0);
        break;
      }
    }
  }
  return found;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const points = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return points.slice(1).map((point, i) => bytes.subarray(points[i], point));
}

const reasonOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error instanceof CborError ? error.reason : error;
  }
  return 'none';
};

describe('ItemScanner', () => {
  it('finds the same items in whatever pieces they come', () => {
    fc.assert(
      fc.property(fc.array(wellFormed, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), (items, cuts) => {
        expect(scanPieces(cut(Buffer.concat(items), cuts))).toEqual(items);
      }),
      { numRuns: sized(1000, 100) },
    );
  });

  it('finds the same items byte by byte', () => {
    fc.assert(
      fc.property(fc.array(wellFormed, { minLength: 1, maxLength: 3 }), (items) => {
        const bytes = Buffer.concat(items);
        expect(scanPieces(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))).toEqual(items);
      }),
    );
  });

  it('does not look at the inside of a frame', () => {
    const rubbish = frame(Buffer.alloc(70_000, 0xff));
    expect(scanPieces([rubbish])).toEqual([rubbish]);
    expect(scanPieces(cut(rubbish, [1, 2, 3, 4, 5, 6, 7, 100]))).toEqual([rubbish]);
  });

  it('does not look again at what it has seen', () => {
    const scanner = new ItemScanner();
    const list = Buffer.concat([Buffer.from('9a000186a0', 'hex'), Buffer.alloc(100_000)]);
    let reads = 0;
    const watched = new Proxy(list, {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
        return Reflect.get(target, key) as unknown;
      },
    });
    for (let end = 100; end < list.length; end += 100) expect(scanner.scan(watched, 0, end)).toBe(-1);
    expect(scanner.scan(watched, 0, list.length)).toBe(list.length);
    expect(reads).toBeLessThan(list.length * 6);
  });

  it('refuses items over the limit as soon as their length is known', () => {
    const limits = { maxBytes: 100 };
    for (const item of ['d8185861', 'd818590064', '5a00000064', '7bffffffffffffffff', '815a00000063']) {
      expect(
        reasonOf(() => scanPieces([Buffer.from(item, 'hex'), Buffer.alloc(1)], limits)),
        item,
      ).toBe('too large');
    }
    const whole = frame(Buffer.alloc(96));
    expect(whole.length).toBe(100);
    expect(scanPieces([whole], limits)).toEqual([whole]);
    expect(reasonOf(() => scanPieces([Buffer.from([0x9f]), Buffer.alloc(101)], limits))).toBe('too large');
  });

  it('counts arrays and maps as nesting, not a tag on them', () => {
    const nested = (levels: number, level: string) => Buffer.from(level.repeat(levels) + '00', 'hex');
    for (const level of ['81', 'a100', 'd88081', '9f', 'bf00', 'c1']) {
      expect(
        reasonOf(() => new ItemScanner().scan(nested(512, level), 0, 2049)),
        level,
      ).toBe('none');
      expect(
        reasonOf(() => new ItemScanner().scan(nested(513, level), 0, 2053)),
        level,
      ).toBe('too deep');
    }
    expect(reasonOf(() => scanPieces([nested(5, '81')], { maxDepth: 4 }))).toBe('too deep');
  });

  it.each([
    'ff',
    '1c',
    '3f',
    '5d',
    '81ff',
    'a1ff',
    'bf00ff',
    'c1ff',
    'df',
    '5f61',
    '5f5f',
    '7f41',
    '9fc1ff',
    'f800',
    'f81f',
    'fc',
    '1f',
    '9f5c',
  ])('refuses %s as malformed', (bytes) => {
    expect(reasonOf(() => scanPieces([Buffer.from(bytes, 'hex'), Buffer.alloc(8)]))).toBe('malformed');
  });

  it('starts anew after reset', () => {
    const scanner = new ItemScanner();
    expect(() => scanner.scan(Buffer.from('81ff', 'hex'), 0, 2)).toThrow(CborError);
    scanner.reset();
    expect(scanner.scan(Buffer.from('8101', 'hex'), 0, 2)).toBe(2);
  });
});
