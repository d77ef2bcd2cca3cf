import { expect, it } from 'vitest';
import { byteNamesOf, namesOf, numbersOf, partsOf } from '../../../../src/storage/postgres/wire/values.js';

it('reads lists as the database writes them, of which there may be none', () => {
  expect(numbersOf('{1,-2,9007199254740991}')).toEqual([1, -2, Number.MAX_SAFE_INTEGER]);
  expect(numbersOf(null)).toEqual([]);
  expect(byteNamesOf('{61,NULL,"",ff00}')).toEqual(['a', undefined, '', '\xff\0']);
  expect(byteNamesOf(null)).toEqual([]);
});

it('takes apart what stands one behind another, by how long each is', () => {
  expect(namesOf('abbccc', [1, 2, 0, 3])).toEqual(['a', 'bb', '', 'ccc']);
  expect(partsOf(Buffer.from('abbccc'), [1, 2, 0, 3]).map(String)).toEqual(['a', 'bb', '', 'ccc']);
});
