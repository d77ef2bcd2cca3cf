import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteString, CborMap, CborWriter, decodeValue, Float, RawCbor, Tuple } from '../../src/cbor/index.js';

describe('CborWriter', () => {
  it('puts the right head before bytes of any length', () => {
    const writer = new CborWriter();
    for (const length of [0, 1, 23, 24, 255, 256, 5000, 65535, 65536, 300_000]) {
      const contents = Buffer.alloc(length, 'abcdef');
      writer.writeNull();
      const start = writer.openBytes();
      writer.writeRaw(contents);
      writer.closeBytes(start);
      writer.writeBoolean(true);
      const expected = new CborWriter();
      expected.writeNull();
      expected.writeBytes(contents);
      expected.writeBoolean(true);
      expect(writer.take().equals(expected.take()), `${length}`).toBe(true);
    }
  });

  it('keeps open byte strings apart at every fill of its buffer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3900, max: 4100 }), fc.nat(300), fc.nat(300), (fill, outer, inner) => {
        const writer = new CborWriter();
        writer.writeRaw(Buffer.alloc(fill));
        const first = writer.openBytes();
        writer.writeRaw(Buffer.alloc(outer, 1));
        const second = writer.openBytes();
        writer.writeRaw(Buffer.alloc(inner, 2));
        writer.closeBytes(second);
        writer.closeBytes(first);
        const bytes = decodeValue(writer.take().subarray(fill)) as ByteString;
        expect(bytes.binary.slice(0, outer)).toBe('\x01'.repeat(outer));
        const nested = decodeValue(Buffer.from(bytes.binary.slice(outer), 'latin1'));
        expect(nested).toEqual(new ByteString('\x02'.repeat(inner)));
      }),
    );
  });

  it('writes what its single methods say', () => {
    const writer = new CborWriter();
    writer.writeMapHead(5);
    writer.writeText('tuple');
    writer.writeTupleHead(2);
    writer.writeInteger(-1);
    writer.writeFloat(1);
    writer.writeBinary('\xff'.repeat(30));
    writer.writeArrayHead(1);
    writer.writeRaw(Buffer.from('00830102', 'hex'), 1, 3);
    writer.writeInteger(2);
    writer.writeInteger(3);
    writer.writeText('ü'.repeat(20));
    writer.writeBytes(Buffer.from([1]));
    writer.writeNull();
    writer.writeBoolean(false);
    writer.writeInteger(2 ** 33);
    writer.writeInteger(-(2n ** 64n));
    expect(decodeValue(writer.take())).toEqual(
      new CborMap([
        ['tuple', new Tuple([-1, new Float(1)])],
        [new ByteString('\xff'.repeat(30)), [[1, 2, 3]]],
        ['ü'.repeat(20), new ByteString('\x01')],
        [null, false],
        [2 ** 33, -(2n ** 64n)],
      ]),
    );
  });

  it('hands out copies and forgets what is cut off', () => {
    const writer = new CborWriter();
    writer.writeInteger(1);
    const { length } = writer;
    writer.writeText('dropped');
    writer.truncate(length);
    const taken = writer.take();
    writer.writeInteger(2);
    expect([taken.toString('hex'), writer.take().toString('hex'), writer.length]).toEqual(['01', '02', 0]);
  });

  it('gives a huge buffer back', () => {
    const writer = new CborWriter();
    writer.writeBytes(Buffer.alloc(5_000_000));
    expect(writer.take().length).toBe(5_000_005);
    expect((writer as unknown as { bytes: Buffer }).bytes.length).toBeLessThan(10_000);
  });

  it('writes property names as byte strings where asked to', () => {
    const writer = new CborWriter('bytes');
    writer.writeValue({ ü: new RawCbor(Buffer.from([5])), gone: undefined });
    expect(writer.take().toString('hex')).toBe('a142c3bc05');
  });
});
