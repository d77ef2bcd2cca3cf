import { describe, expect, it } from 'vitest';
import type { CborValue, Encodable } from '../../src/cbor/index.js';
import {
  ByteString,
  CborMap,
  CborReader,
  decodeValue,
  encode,
  Float,
  Simple,
  Tagged,
  Tuple,
} from '../../src/cbor/index.js';
import { readUnitItem, shortOutputUnits } from '../../src/domain/chaining.js';
import type { NewWorkUnit } from '../../src/domain/work-unit.js';

const item = (value: Encodable): NewWorkUnit => readUnitItem(new CborReader(encode(value)));
const outputUnits = (data: Uint8Array) => shortOutputUnits(data, Infinity)!;
const names = (output: Encodable): string[] => outputUnits(encode({ output })).map(({ name }) => name);
const decoded = ({ data, ...unit }: NewWorkUnit): object => ({ ...unit, data: decodeValue(data) });
const map = (...entries: [CborValue, CborValue][]): CborMap => new CborMap(entries);

describe('an item that describes a unit', () => {
  const good: [string, Encodable, object][] = [
    ['a name', 'u', { name: 'u', priority: 0, data: map() }],
    ['a name of bytes', new ByteString('\xff\x00'), { name: '\xff\x00', priority: 0, data: map() }],
    ['a name as UTF-8', 'é', { name: '\xc3\xa9', priority: 0, data: map() }],
    ['an empty name', '', { name: '', priority: 0, data: map() }],
    ['name and data', ['u', { a: 1 }], { name: 'u', priority: 0, data: map(['a', 1]) }],
    ['a tuple', new Tuple(['u', { a: 1 }]), { name: 'u', priority: 0, data: map(['a', 1]) }],
    ['null data', ['u', null], { name: 'u', priority: 0, data: map() }],
    ['meta', ['u', {}, { priority: 2.5, delay: 1.5 }], { name: 'u', priority: 2.5, delay: 1_500_000, data: map() }],
    ['empty meta', ['u', {}, {}], { name: 'u', priority: 0, data: map() }],
    ['null meta', ['u', {}, null], { name: 'u', priority: 0, data: map() }],
    ['a null priority in meta', ['u', {}, { priority: null, delay: null }], { name: 'u', priority: 0, data: map() }],
    ['other keys in meta', ['u', {}, { colour: ['red'], priority: 1 }], { name: 'u', priority: 1, data: map() }],
    ['a fourth item over meta', ['u', {}, { priority: 2 }, -3], { name: 'u', priority: -3, data: map() }],
    ['a fourth item of null', ['u', {}, { priority: 2 }, null], { name: 'u', priority: 2, data: map() }],
    ['a fourth item with null meta', ['u', {}, null, 4], { name: 'u', priority: 4, data: map() }],
    ['a large priority', ['u', {}, {}, 2n ** 60n], { name: 'u', priority: 2 ** 60, data: map() }],
    ['a delay of zero', ['u', {}, { delay: 0 }], { name: 'u', priority: 0, delay: 0, data: map() }],
    ['keys of bytes', ['u', {}, map([new ByteString('priority'), 6])], { name: 'u', priority: 6, data: map() }],
  ];
  it.each(good)('may be %s', (_, value, unit) => {
    expect(decoded(item(value))).toEqual(unit);
  });

  const bad: [string, Encodable, string][] = [
    ['a number', 5, 'work unit not a list'],
    ['null', null, 'work unit not a list'],
    ['a dictionary', { name: 'u' }, 'work unit not a list'],
    ['a list in another tag', new Tagged(1000, ['u', {}]), 'work unit not a list'],
    ['a list of none', [], 'too few parameters to work unit'],
    ['a list of one', ['u'], 'too few parameters to work unit'],
    ['a list of five', ['u', {}, {}, 1, 2], 'work unit has more than four parts'],
    ['a name that is a number', [5, {}], 'key must be a string'],
    ['a name that is null', [null, {}], 'key must be a string'],
    ['a name that is too long', ['a'.repeat(1025), {}], 'key is 1025 bytes long'],
    ['a bare name that is too long', new ByteString('a'.repeat(1025)), 'key is 1025 bytes long'],
    ['data that are a list', ['u', []], 'data must be a dictionary'],
    ['data that are a text', ['u', 'data'], 'data must be a dictionary'],
    ['meta that are a number', ['u', {}, 5], 'meta must be a dictionary'],
    ['a priority that is a text', ['u', {}, { priority: '1' }], 'priority must be a number'],
    ['a priority that is a boolean', ['u', {}, { priority: true }], 'priority must be a number'],
    ['a priority that is not a number', ['u', {}, { priority: new Float(NaN) }], 'priority must be a number'],
    ['a fourth item that is a text', ['u', {}, {}, '1'], 'priority must be a number'],
    ['a fourth item that is a simple value', ['u', {}, {}, new Simple(99)], 'priority must be a number'],
    ['a delay that is a text', ['u', {}, { delay: '1' }], 'delay must be a number'],
    ['an infinite delay', ['u', {}, { delay: new Float(Infinity) }], 'delay must be a number'],
  ];
  it.each(bad)('is refused for %s', (_, value, message) => {
    expect(() => item(value)).toThrow(message);
  });
});

describe('the output of finished data', () => {
  it('may be absent, or nothing that describes units', () => {
    expect(outputUnits(encode({}))).toEqual([]);
    expect(outputUnits(encode({ outputs: ['u'] }))).toEqual([]);
    for (const output of [null, 5, 'u', new ByteString('u'), true, new Tagged(1000, ['u'])])
      expect(names(output)).toEqual([]);
  });

  it('may be a dictionary of names and data', () => {
    const units = outputUnits(encode({ output: map(['a', map(['x', 1])], [new ByteString('\xff'), map()]) }));
    expect(units.map(decoded)).toEqual([
      { name: 'a', priority: 0, data: map(['x', 1]) },
      { name: '\xff', priority: 0, data: map() },
    ]);
  });

  it('may be a list or a tuple of items of every form', () => {
    const items: Encodable[] = ['a', ['b', { x: 1 }], new Tuple(['c', {}, { priority: 1 }]), ['d', {}, {}, 2]];
    expect(names(items)).toEqual(['a', 'b', 'c', 'd']);
    expect(names(new Tuple(items))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is read without the items that can not be read', () => {
    const items: Encodable[] = ['first', 5, ['u'], ['v', {}, {}, 1, 2], ['w', []], ['x', {}, { priority: 'high' }]];
    expect(names([...items, ['y', {}, { delay: 'soon' }], [7, {}], 'a'.repeat(1025), 'last'])).toEqual([
      'first',
      'last',
    ]);
    expect(names(map([5, map()], ['bad', 7], ['null', null], ['list', []], ['good', map()]))).toEqual(['null', 'good']);
  });

  it('keeps duplicates in their order, so that a later one wins', () => {
    const units = outputUnits(encode({ output: ['a', ['b', {}], ['a', { x: 2 }]] }));
    expect(units.map(({ name }) => name)).toEqual(['a', 'b', 'a']);
    expect(decodeValue(units[2].data)).toEqual(map(['x', 2]));
  });

  it('passes data on to the byte', () => {
    const data = 'bf41ff9fd8808040ff61781b0000000000000001ff'; // indefinite lengths, long forms, a tuple, bytes
    const [unit] = outputUnits(Buffer.from(`a1666f757470757481826175${data}`, 'hex')); // {"output": [["u", data]]}
    expect(unit.name).toBe('u');
    expect(Buffer.from(unit.data).toString('hex')).toBe(data);
  });

  it('is found under a key of bytes and among other keys of any type', () => {
    const data = map([5, 'x'], [new ByteString('output'), ['u']], ['rest', map(['output', ['no']])]);
    expect(outputUnits(encode(data)).map(({ name }) => name)).toEqual(['u']);
  });

  it('may be of indefinite length', () => {
    // {_ "output": [_ "a", 128([_ "b", {}])]}
    const data = Buffer.from('bf666f75747075749f6161d8809f6162a0ffffff', 'hex');
    expect(outputUnits(data).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});
