import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/access/pace.js';
import { originOf, WrongSignIns } from '../../src/access/wrong-sign-ins.js';
import { parseRate } from '../../src/config/values.js';

describe('wrong sign-ins', () => {
  const MINUTE = 60_000;
  let now = 0;
  const wrongOf = (): WrongSignIns => {
    now = 0;
    return new WrongSignIns(() => now);
  };
  const times = (wrong: WrongSignIns, count: number, address = '192.0.2.1'): number[] =>
    Array.from({ length: count }, () => wrong.note(address).seconds);

  it('may be ten a minute, then have to wait, twice as long each time', () => {
    const wrong = wrongOf();
    expect(times(wrong, 10)).toEqual(Array(10).fill(0));
    expect(times(wrong, 2)).toEqual([60, 60]);
    now = MINUTE / 2;
    expect(times(wrong, 1)).toEqual([30]);
    now = MINUTE;
    expect(times(wrong, 11).at(-1)).toBe(120);
    now = 3 * MINUTE;
    expect(times(wrong, 11).at(-1)).toBe(240);
  });

  it('are counted by the minute', () => {
    const wrong = wrongOf();
    for (; now < 10 * MINUTE; now += MINUTE) expect(times(wrong, 10)).toEqual(Array(10).fill(0));
  });

  it('are forgotten after an hour without', () => {
    const wrong = wrongOf();
    times(wrong, 11);
    now = MINUTE + 60 * MINUTE;
    expect(times(wrong, 11).at(-1)).toBe(60);
  });

  it('are told of once each time', () => {
    const wrong = wrongOf();
    const told = Array.from({ length: 13 }, () => wrong.note('192.0.2.1')).filter(({ isNew }) => isNew);
    expect(told.length).toBe(11);
  });

  it('are those of one address, and of very many the first are forgotten', () => {
    const wrong = wrongOf();
    times(wrong, 11);
    expect(times(wrong, 1, '192.0.2.2')).toEqual([0]);
    for (let i = 0; i < 10_000; i++) wrong.note(`10.0.${i >> 8}.${i & 255}`);
    expect(times(wrong, 1)).toEqual([0]);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::7', '2001:db8:1:2'],
    ['2001:db8::7', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1:2:3:4%eth0', 'fe80:0:0:0'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
    ['-', '-'],
  ])('of %s are those of %s', (address, origin) => {
    expect(originOf(address)).toBe(origin);
  });
});

describe('a pace', () => {
  it('lets so many requests through at once, and then one after the other', () => {
    let now = 5_000;
    const pace = new Pace(parseRate('10/s')!, () => now);
    const early = (count: number): number[] => Array.from({ length: count }, () => pace.take());
    expect(early(11)).toEqual([...Array<number>(10).fill(0), expect.closeTo(100) as number]);
    now += 99;
    expect(early(1)).toEqual([expect.closeTo(1) as number]);
    now += 2;
    expect(early(2)).toEqual([0, expect.closeTo(99) as number]);
    now += 1_000_000;
    expect(early(11).filter((ms) => ms === 0).length).toBe(10);
  });
});
