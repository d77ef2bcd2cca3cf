import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteStore } from '../../../../src/storage/memory/structures/byte-store.js';
import { compareBytes, names } from './names.js';
import { sized } from '../../../support/full-size.js';

const KIB = 1024;

/** Few of them, so that blocks freed are often just what is wanted next; and all kinds. */
const lengths = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 7, 8, 20, 30, 40, 300, 310) },
  { weight: 1, arbitrary: fc.nat(5000) },
  { weight: 1, arbitrary: fc.oneof(fc.nat(140 * KIB), fc.constantFrom(128 * KIB, 128 * KIB + 1)) },
);
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('put', 'put', 'retain', 'release', 'release'),
    pick: fc.nat(),
    length: lengths,
    seed: fc.nat(255),
  }),
  { maxLength: 300 },
);

function bytesOf(length: number, seed: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 7 + seed) & 255));
}

describe('ByteStore', () => {
  it('keeps what was put, as long as it is referred to, whatever is put and released around it', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const store = new ByteStore();
        const kept = new Map<number, { bytes: Buffer; count: number }>();
        for (const { kind, pick, length, seed } of sequence) {
          const refs = [...kept.keys()];
          const ref = refs[pick % Math.max(refs.length, 1)];
          if (kind === 'put') {
            const bytes = bytesOf(length, seed);
            const fresh = store.put(bytes);
            expect(fresh).toBeGreaterThanOrEqual(1);
            expect(fresh).toBeLessThan(2 ** 32);
            expect(kept.has(fresh)).toBe(false);
            kept.set(fresh, { bytes, count: 1 });
          } else if (ref !== undefined && kind === 'retain') {
            store.retain(ref);
            kept.get(ref)!.count++;
          } else if (ref !== undefined) {
            store.release(ref);
            if (--kept.get(ref)!.count === 0) kept.delete(ref);
          }
        }
        for (const [ref, { bytes }] of kept) {
          expect(store.length(ref)).toBe(bytes.length);
          expect(store.read(ref).equals(bytes)).toBe(true);
        }
        for (const [ref, { count }] of kept) for (let left = count; left > 0; left--) store.release(ref);
        expect(store.bytesInUse).toBe(0);
      }),
    );
  });

  it('compares and gives back names bytewise', () => {
    fc.assert(
      fc.property(names, names, (name, other) => {
        const store = new ByteStore();
        const ref = store.putName(name);
        const otherRef = store.put(Buffer.from(other, 'latin1'));
        expect(store.readName(ref)).toBe(name);
        expect(store.readName(otherRef)).toBe(other);
        expect(Math.sign(store.compareName(ref, other))).toBe(compareBytes(name, other));
        expect(Math.sign(store.compare(ref, otherRef))).toBe(compareBytes(name, other));
        expect(store.equalsName(ref, other)).toBe(name === other);
        expect(store.equalsName(ref, name)).toBe(true);
      }),
      { numRuns: sized(1000, 80) },
    );
  });

  it.each([0, 5, 31, 32, 33, 1000, 128 * KIB, 128 * KIB + 1, 3 * KIB * KIB])(
    'copies %i bytes to a place in a buffer',
    (length) => {
      const store = new ByteStore();
      store.put(bytesOf(100, 1));
      const bytes = bytesOf(length, 2);
      const ref = store.put(bytes);
      const target = Buffer.alloc(length + 20, 0xee);
      expect(store.copyTo(ref, target, 10)).toBe(length);
      expect(target.subarray(10, 10 + length).equals(bytes)).toBe(true);
      expect(
        target.subarray(0, 10).every((byte) => byte === 0xee) &&
          target.subarray(10 + length).every((byte) => byte === 0xee),
      ).toBe(true);
      expect(Buffer.from(store.view(ref)).equals(bytes)).toBe(true);
      expect(store.readName(ref)).toBe(bytes.toString('latin1'));
    },
  );

  it('takes its own copy, and gives out what stays as it is when the bytes are gone', () => {
    const store = new ByteStore();
    for (const length of [10, 200, 200 * KIB]) {
      const bytes = Buffer.concat([bytesOf(length, 3), Buffer.alloc(1)]).subarray(0, length);
      const ref = store.put(bytes);
      bytes.fill(0);
      const read = store.read(ref);
      expect(read.equals(bytesOf(length, 3))).toBe(true);
      store.release(ref);
      store.put(bytesOf(length, 4));
      expect(read.equals(bytesOf(length, 3))).toBe(true);
    }
  });

  it('keeps large ones that fill a buffer of their own as they are', () => {
    const store = new ByteStore();
    const own = Buffer.alloc(200 * KIB, 'x');
    expect(store.read(store.put(own))).toBe(own);
  });

  it('stores part of a larger buffer', () => {
    const store = new ByteStore();
    const whole = bytesOf(500, 4);
    expect(store.read(store.put(whole.subarray(100, 300))).equals(whole.subarray(100, 300))).toBe(true);
    expect(store.read(store.put(new Uint8Array(whole).subarray(3, 9))).equals(whole.subarray(3, 9))).toBe(true);
  });

  it('costs a small store a few KiB and wastes less than a quarter on strings of 24 bytes and more', () => {
    const store = new ByteStore();
    store.put(bytesOf(10, 0));
    expect(store.bytesReserved).toBeLessThanOrEqual(4 * KIB);
    for (const length of [24, 50, 100, 1000, 10_000]) {
      const before = store.bytesInUse;
      store.put(bytesOf(length, 0));
      expect((store.bytesInUse - before - 8) / length).toBeLessThan(1.25);
    }
  });

  it('uses memory freed in one size for any other, and gives whole slabs back', () => {
    const store = new ByteStore();
    const refs = Array.from({ length: 100_000 }, (_, at) => store.put(bytesOf(30 + (at % 3), at & 255)));
    const reserved = store.bytesReserved;
    expect(store.bytesInUse / reserved).toBeGreaterThan(0.85);
    for (let at = 0; at < refs.length; at++) if (at % 1000 !== 0) store.release(refs[at]);
    const larger = Array.from({ length: 1000 }, (_, at) => store.put(bytesOf(3000, at & 255)));
    expect(store.bytesReserved).toBeLessThanOrEqual(reserved);
    expect(larger.every((ref, at) => store.read(ref).equals(bytesOf(3000, at & 255)))).toBe(true);
    for (const ref of larger) store.release(ref);
    for (let at = 0; at < refs.length; at += 1000) store.release(refs[at]);
    expect(store.bytesInUse).toBe(0);
    expect(store.bytesReserved).toBeLessThanOrEqual(KIB * KIB);
  });

  it('releases large strings at once and uses their references again', () => {
    const store = new ByteStore();
    const ref = store.put(bytesOf(500 * KIB, 0));
    store.retain(ref);
    store.release(ref);
    expect(store.bytesInUse).toBe(500 * KIB);
    expect(ref | 0).toBeLessThan(0); // kept in a signed field it is told apart by >>> 0 only
    expect(store.length((ref | 0) >>> 0)).toBe(500 * KIB);
    store.release(ref);
    expect(store.bytesInUse).toBe(0);
    expect(store.put(bytesOf(600 * KIB, 0))).toBe(ref);
  });
});
