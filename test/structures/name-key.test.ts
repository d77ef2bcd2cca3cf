import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nameKey } from '../../src/structures/name-key.js';

it('is the same for the same names only', () => {
  const names = fc.array(fc.string({ unit: fc.constantFrom('a', '0', '1', '2', ' ', '\n', '\0'), maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(names, names, (one, other) => {
      expect(nameKey(...one) === nameKey(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
  expect(nameKey('a\nb', 'c')).not.toBe(nameKey('a', 'b\nc'));
});
