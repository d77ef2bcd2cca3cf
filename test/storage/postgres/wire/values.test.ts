import { expect, it } from 'vitest';
import { byteNamesOf, namesOf, numbersOf, partsOf, placesOf } from '../../../../src/storage/postgres/wire/values.js';

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

it('reads places of rows', () => {
  expect(placesOf('{"(0,1)","(4294967295,65535)"}')).toEqual([1, 4294967295 * 65536 + 65535]);
  expect(placesOf('(12,34)')).toEqual([12 * 65536 + 34]);
  expect(placesOf(null)).toEqual([]);
});
