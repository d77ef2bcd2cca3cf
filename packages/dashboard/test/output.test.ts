import { expect, it } from 'vitest';
import { CborItems } from '../src/data/cbor-items.js';
import { MOST_MADE, outputIn } from '../src/data/output.js';

const read = (hex: string) => outputIn(new CborItems(Buffer.from(`a1666f7574707574${hex}`, 'hex')));

it.each([
  ['a map of names', 'a26161a06162a0', ['a', 'b']],
  ['a list of names, or of lists that begin with one', '826161826162a0', ['a', 'b']],
  ['a tuple of tuples, of a name that is no text', 'd88081d8808241ffa0', [new Uint8Array([255])]],
  ['names among what is none: a list of one, of five, a number', '84816161856161a0a0a0a0056162', ['b']],
  ['a name that is there twice once', '8261616161', ['a']],
])('the output of a unit is read where it is %s', (_, hex, names) => {
  expect(read(hex)).toEqual({ names, hasMore: false });
});

it('a unit whose data have no output, or another one than is chained, has made nothing', () => {
  expect(read('05')).toBeUndefined();
  expect(outputIn(new CborItems(Buffer.from('a0', 'hex')))).toBeUndefined();
  expect(outputIn(new CborItems(new Uint8Array()))).toBeUndefined();
});

it('of a long output the first names are shown', () => {
  const names = Array.from(
    { length: MOST_MADE + 1 },
    (_, at) => `62${Buffer.from([48 + Math.floor(at / 64), 48 + (at % 64)]).toString('hex')}`,
  );
  const output = read(`98${(MOST_MADE + 1).toString(16)}${names.join('')}`);
  expect([output?.names.length, output?.hasMore]).toEqual([MOST_MADE, true]);
});
