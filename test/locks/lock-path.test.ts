import { describe, expect, it } from 'vitest';
import type { CborValue } from '../../src/cbor/index.js';
import { ByteString, CborMap, Float, Tagged, Tuple, Uuid } from '../../src/cbor/index.js';
import { lockPath } from '../../src/locks/lock-path.js';

describe('the path of a lock', () => {
  it('has a part for each item', () => {
    expect(lockPath([])).toHaveLength(0);
    expect(lockPath(['a'])).toHaveLength(1);
    expect(lockPath(['a', ['b', 'c'], null])).toHaveLength(3);
  });

  it('that is no list is a path of one part', () => {
    expect(lockPath('a')).toEqual(lockPath(['a']));
    expect(lockPath(7)).toEqual(lockPath([7]));
  });

  const same: [string, CborValue, CborValue][] = [
    ['a tuple and a list', new Tuple(['a', 1]), ['a', 1]],
    ['a tuple and a list inside', [new Tuple([1, new Tuple([2])])], [[1, [2]]]],
    ['a byte string and the text of its bytes', [new ByteString('\xc3\xa9')], ['é']],
    ['a whole float and the integer', [new Float(3)], [3]],
    ['floats of different sizes', [new Float(0.5, 2)], [new Float(0.5, 8)]],
    ['zero and minus zero', [new Float(-0)], [0]],
    [
      'maps in another order',
      [
        new CborMap([
          ['a', 1],
          ['b', 2],
        ]),
      ],
      [
        new CborMap([
          ['b', 2],
          ['a', 1],
        ]),
      ],
    ],
    ['the inside of a tag', [new Tagged(1000, new Tuple(['x']))], [new Tagged(1000, ['x'])]],
  ];
  it.each(same)('is the same for %s', (_, a, b) => {
    expect(lockPath(a)).toEqual(lockPath(b));
  });

  const different: [string, CborValue, CborValue][] = [
    ['another text', ['a'], ['b']],
    ['a number and its digits', [1], ['1']],
    ['two parts and one part that is a list', ['a', 'b'], [['a', 'b']]],
    ['null and an empty text', [null], ['']],
    ['a UUID and its bytes', [new Uuid('0123456789abcdef')], [new ByteString('0123456789abcdef')]],
    ['fractions', [new Float(0.5)], [new Float(0.25)]],
    ['large integers', [2n ** 60n], [2n ** 60n + 1n]],
    ['bytes that are no UTF-8', [new ByteString('\xff')], [new ByteString('\xfe')]],
  ];
  it.each(different)('is not the same for %s', (_, a, b) => {
    expect(lockPath(a)).not.toEqual(lockPath(b));
  });
});
