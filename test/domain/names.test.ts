import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteNameOfText, bytesOfName, checkByteName, checkTextName, compareText } from '../../src/domain/names.js';

describe('a byte name', () => {
  it('is its bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect([...bytesOfName(Buffer.from(bytes).latin1Slice())]).toEqual([...bytes]);
      }),
    );
  });

  it('compares by its bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 6 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [x, y] = [a, b].map((each) => Buffer.from(each).latin1Slice());
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(Buffer.compare(a, b));
      }),
    );
  });

  it('of a text is its UTF-8 form', () => {
    expect(byteNameOfText('é')).toBe('\xc3\xa9');
    expect([...bytesOfName(byteNameOfText('日'))]).toEqual([0xe6, 0x97, 0xa5]);
    expect(byteNameOfText('')).toBe('');
  });

  it('holds 1,024 bytes at most, and a longer one is an error that names the field', () => {
    expect(checkByteName('key', '\xff'.repeat(1024))).toHaveLength(1024);
    expect(() => checkByteName('key', 'a'.repeat(1025))).toThrow(/^key is 1025 bytes long/);
    expect(() => checkByteName('worker_id', '\x00'.repeat(2000))).toThrow(
      expect.objectContaining({ name: 'InvalidValueError', field: 'worker_id' }),
    );
  });

  it('may be empty and hold U+0000', () => {
    expect(checkByteName('key', '')).toBe('');
    expect(checkByteName('key', '\x00')).toBe('\x00');
  });
});

describe('a text name', () => {
  it('is measured in bytes of UTF-8', () => {
    expect(checkTextName('name', 'é'.repeat(512))).toHaveLength(512);
    expect(() => checkTextName('name', 'é'.repeat(513))).toThrow(/^name is 1026 bytes long/);
    expect(checkTextName('name', '\u{1f600}'.repeat(256))).toHaveLength(512);
    expect(() => checkTextName('name', '\u{1f600}'.repeat(257))).toThrow(/1028 bytes/);
    expect(checkTextName('name', 'a'.repeat(1024))).toHaveLength(1024);
    expect(() => checkTextName('namespace', 'a'.repeat(1025))).toThrow(expect.objectContaining({ field: 'namespace' }));
  });

  it('may be empty and hold U+0000', () => {
    expect(checkTextName('namespace', '')).toBe('');
    expect(checkTextName('namespace', 'a\u0000b')).toBe('a\u0000b');
  });

  it('must be valid Unicode', () => {
    expect(() => checkTextName('name', 'a\ud800b')).toThrow(/^name must be valid Unicode/);
    expect(() => checkTextName('name', '\udc00'.repeat(342))).toThrow(/name/);
  });

  it('is sorted by its bytes of UTF-8, which is not the order of UTF-16', () => {
    const names = ['\u{10000}', '\uffff', 'z', '', 'é', 'zz'];
    expect(names.sort(compareText)).toEqual(['', 'z', 'zz', 'é', '\uffff', '\u{10000}']);
    expect(compareText('same', 'same')).toBe(0);
    const text = fc.string({
      unit: fc.constantFrom('a', 'z', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
    });
    const property = fc.property(text, text, (a, b) => {
      const order = Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
      expect(Math.sign(compareText(a, b))).toBe(order);
    });
    fc.assert(property);
  });
});
