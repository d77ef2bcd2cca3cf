import fc from 'fast-check';

/** Names as they are inside the process, one char per byte, with those that trip up: empty, zero bytes, 0xff, long, alike. */
export const names: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '\0',
    '\0\0',
    '\xff',
    '\xff\xff',
    '\x7f\x80',
    'a',
    'a\0',
    'b'.repeat(1024),
    'b'.repeat(1023) + 'c',
  ),
  fc.integer({ min: 0, max: 400 }).map((number) => `unit-${String(number).padStart(6, '0')}`),
  fc.array(fc.constantFrom('\0', '\x01', 'a', '\xfe', '\xff'), { maxLength: 4 }).map((chars) => chars.join('')),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

/** The order that Buffer.compare has: bytewise. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}
