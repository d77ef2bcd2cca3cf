import { describe, expect, it } from 'vitest';
import type { CborValue, Encodable } from '../../src/cbor/index.js';
import { ByteString, CborMap, encode, Float, Tuple } from '../../src/cbor/index.js';
import { ZERO_TIME } from '../../src/domain/time.js';
import type { WorkSpecMeta } from '../../src/domain/work-spec.js';
import { BadWorkSpecNameError, NoWorkSpecNameError } from '../../src/domain/errors.js';
import { applyMetaChange, defineWorkSpec, definingWorkSpec, MAX_INTERVAL_NS } from '../../src/domain/work-spec.js';
import { findingWarnings } from '../../src/domain/work-spec-warnings.js';

const metaOf = (fields: Record<string, Encodable>): WorkSpecMeta =>
  defineWorkSpec(encode({ name: 's', ...fields })).meta;

describe('the name of a work spec', () => {
  const refusedAs = (code: string): unknown => expect.objectContaining({ code });
  it.each([[{}], [{ name: null }], [{ name: undefined }], [{ name: '' }], [{ name: new ByteString('') }]])(
    'is required: %j',
    (data) => {
      expect(() => defineWorkSpec(encode(data as Encodable))).toThrow(refusedAs('ErrNoWorkSpecName'));
    },
  );

  const notStrings: [string, Encodable][] = [
    ['an integer', 1],
    ['a large integer', 2n ** 60n],
    ['a float', 1.5],
    ['a boolean', false],
    ['a list', ['s']],
    ['a tuple', new Tuple(['s'])],
    ['a dictionary', { a: 's' }],
    ['bytes that are no UTF-8', new ByteString('\xff\xfe')],
  ];
  it.each(notStrings)('must be a string, not %s', (_, name) => {
    expect(() => defineWorkSpec(encode({ name }))).toThrow(refusedAs('ErrBadWorkSpecName'));
  });

  it('may be a byte string that is UTF-8, and so may the key', () => {
    const definition = defineWorkSpec(encode(new CborMap([[new ByteString('name'), ByteString.ofText('naïve')]])));
    expect(definition).toMatchObject({ name: 'naïve', nameIsBytes: true });
    expect(defineWorkSpec(encode({ name: 'naïve' }))).toMatchObject({ name: 'naïve', nameIsBytes: false });
  });

  it('holds 1,024 bytes at most', () => {
    expect(defineWorkSpec(encode({ name: 'é'.repeat(512) })).name).toHaveLength(512);
    expect(() => defineWorkSpec(encode({ name: 'a'.repeat(1025) }))).toThrow(
      expect.objectContaining({ field: 'name' }),
    );
  });

  it('may hold U+0000', () => {
    expect(defineWorkSpec(encode({ name: 'a\u0000' })).name).toBe('a\u0000');
  });

  it('is looked for in a dictionary only', () => {
    for (const value of [[], 'name', null, 5])
      expect(() => defineWorkSpec(encode(value))).toThrow(/must be a dictionary/);
  });
});

describe('the data of a work spec', () => {
  it('are kept to the byte, unknown keys included', () => {
    const data = encode(
      new CborMap([
        ['unknown', new Tuple([new ByteString('\xff'), new Float(1)])],
        ['name', 's'],
        [7, 'a number as a key'],
        ['weight', 'nonsense'],
      ]),
    );
    expect([...defineWorkSpec(data).data]).toEqual([...data]);
  });
});

describe('the meta that follows from the data', () => {
  it('has defaults', () => {
    expect(metaOf({})).toEqual({
      priority: 0,
      weight: 20,
      paused: false,
      continuous: false,
      canBeContinuous: false,
      minMemoryGb: 0,
      intervalNs: 0n,
      nextContinuous: ZERO_TIME,
      lastContinuous: ZERO_TIME,
      maxRunning: 0,
      maxAttemptsReturned: 0,
      maxRetries: 0,
      nextWorkSpecName: '',
      runtime: '',
      availableCount: 0,
      pendingCount: 0,
    });
  });

  it('takes each key from the data', () => {
    const meta = metaOf({
      priority: 7,
      weight: 3,
      disabled: true,
      continuous: true,
      min_gb: 1.5,
      interval: 2.5,
      max_running: 4,
      max_getwork: 5,
      max_retries: 6,
      then: 'next',
      runtime: 'go',
    });
    expect(meta).toEqual({
      priority: 7,
      weight: 3,
      paused: true,
      continuous: true,
      canBeContinuous: true,
      minMemoryGb: 1.5,
      intervalNs: 2_500_000_000n,
      nextContinuous: ZERO_TIME,
      lastContinuous: ZERO_TIME,
      maxRunning: 4,
      maxAttemptsReturned: 5,
      maxRetries: 6,
      nextWorkSpecName: 'next',
      runtime: 'go',
      availableCount: 0,
      pendingCount: 0,
    });
  });

  const weights: [Record<string, Encodable>, number][] = [
    [{ weight: 5 }, 5],
    [{ weight: 5, nice: 10 }, 5],
    [{ weight: 0 }, 20],
    [{ weight: 0, nice: 5 }, 15],
    [{ nice: 5 }, 15],
    [{ nice: -5 }, 25],
    [{ nice: 20 }, 1],
    [{ nice: 50 }, 1],
    [{ weight: -1 }, 1],
    [{ weight: -1, nice: 5 }, 1],
    [{ weight: 1.9 }, 1],
    [{ weight: 7.9 }, 7],
    [{ weight: '12' }, 12],
    [{ weight: 'heavy' }, 20],
    [{ weight: 'heavy', nice: 3 }, 17],
    [{ weight: null, nice: 3 }, 17],
    [{ weight: [4] }, 20],
    [{ weight: true }, 20],
    [{ nice: 'kind' }, 20],
    [{ nice: '3' }, 17],
    [{ nice: 2.9 }, 18],
  ];
  it.each(weights)('weight is at least 1, 0 counts as absent, then nice decides: %j → %d', (fields, weight) => {
    expect(metaOf(fields).weight).toBe(weight);
  });

  const integers: [Encodable, number][] = [
    [3, 3],
    [-3, -3],
    [3.99, 3],
    [-3.99, -3],
    [new Float(4), 4],
    ['5', 5],
    [' 5 ', 5],
    ['5.7', 5],
    ['1e2', 100],
    [ByteString.ofText('8'), 8],
    ['', 0],
    ['five', 0],
    ['5 apples', 0],
    ['0x10', 0],
    ['NaN', 0],
    ['Infinity', 0],
    [null, 0],
    [true, 0],
    [[5], 0],
    [{ five: 5 }, 0],
    [new Float(NaN), 0],
    [new Float(Infinity), 0],
  ];
  it.each(integers)('a whole number from %j is %d: the fraction cut, a wrong type ignored', (value, number) => {
    for (const [key, field] of [
      ['priority', 'priority'],
      ['max_running', 'maxRunning'],
      ['max_getwork', 'maxAttemptsReturned'],
      ['max_retries', 'maxRetries'],
    ] as const) {
      expect(metaOf({ [key]: value })[field]).toBe(number);
    }
  });

  const fractions: [Encodable, number][] = [
    [0.25, 0.25],
    [2, 2],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['more', 0],
    [false, 0],
    [null, 0],
  ];
  it.each(fractions)('interval and min_gb may be fractional: %j is %d', (value, number) => {
    expect(metaOf({ min_gb: value }).minMemoryGb).toBe(number);
    expect(metaOf({ interval: value }).intervalNs).toBe(BigInt(number * 1e9));
  });

  const intervals: [Encodable, bigint][] = [
    [180 * 86_400, 15_552_000_000_000_000n],
    [9_007_199.254_740_993, 9_007_199_254_740_993n],
    [9_223_372_036, 9_223_372_036_000_000_000n],
    [9_223_372_037, MAX_INTERVAL_NS],
    [1e300, MAX_INTERVAL_NS],
    [-5, 0n],
  ];
  it.each(intervals)('an interval of %j s is %d ns', (seconds, nanoseconds) => {
    expect(metaOf({ interval: seconds }).intervalNs).toBe(nanoseconds);
  });

  const booleans: [Encodable, boolean][] = [
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    [-0.5, true],
    [new Float(0), false],
    ['1', true],
    ['0', false],
    ['0.0', false],
    ['true', false],
    ['', false],
    [null, false],
    [[true], false],
    [{}, false],
  ];
  it.each(booleans)('a boolean from %j is %s: a number as whether it is not 0', (value, boolean) => {
    expect(metaOf({ disabled: value }).paused).toBe(boolean);
    expect(metaOf({ continuous: value })).toMatchObject({ continuous: boolean, canBeContinuous: boolean });
  });

  const texts: [Encodable, string][] = [
    ['python_2', 'python_2'],
    [ByteString.ofText('é'), 'é'],
    [new ByteString('\xff'), ''],
    [2, ''],
    [null, ''],
    [['go'], ''],
  ];
  it.each(texts)('a text from %j is %j', (value, text) => {
    expect(metaOf({ runtime: value, then: value })).toMatchObject({ runtime: text, nextWorkSpecName: text });
  });

  it('reads keys that are byte strings, as Python 2 sends them', () => {
    const entries: [CborValue, CborValue][] = [
      [new ByteString('name'), new ByteString('s')],
      [new ByteString('max_running'), 3],
      [new ByteString('then'), new ByteString('t')],
    ];
    expect(defineWorkSpec(encode(new CborMap(entries))).meta).toMatchObject({ maxRunning: 3, nextWorkSpecName: 't' });
  });
});

describe('a change of meta', () => {
  it('sets the fields that are present and leaves the others', () => {
    const meta = metaOf({ weight: 3, max_running: 9, continuous: true });
    expect(applyMetaChange(meta, { weight: -2, paused: true, maxRunning: undefined })).toBe(true);
    expect(meta).toMatchObject({ weight: -2, paused: true, maxRunning: 9, continuous: true });
  });

  it('can make a spec continuous only if its data say that it can be', () => {
    const never = metaOf({});
    expect(applyMetaChange(never, { continuous: true })).toBe(false);
    expect(never.continuous).toBe(false);
    const able = metaOf({ continuous: true });
    expect(applyMetaChange(able, { continuous: false })).toBe(true);
    expect(able).toMatchObject({ continuous: false, canBeContinuous: true });
    expect(applyMetaChange(able, { continuous: true })).toBe(true);
    expect(able.continuous).toBe(true);
  });
});

describe('a definition of very many things', () => {
  const large = (fields: Record<string, Encodable>, ...others: [CborValue, CborValue][]): Buffer =>
    encode(new Map<Encodable, Encodable>([...others.slice(0, 1), ...Object.entries(fields), ...others.slice(1)]));
  const many = Array.from({ length: 50_000 }, (_, index) => index % 20);
  const keys = Array.from({ length: 20_000 }, (_, index): [CborValue, CborValue] => [`key ${index}`, index]);

  it.each<[string, Record<string, Encodable>]>([
    [
      'values of all kinds',
      { name: 's', priority: 7, weight: '3', disabled: true, min_gb: 0.5, then: 't', runtime: 'r' },
    ],
    ['values of the wrong type', { name: new ByteString('s'), priority: 'high', weight: [], continuous: 1 }],
  ])('means what a small one does: %s', (_, fields) => {
    const small = defineWorkSpec(encode(fields));
    for (const data of [large(fields, ['many', many]), large(fields, ...keys), large(fields, [many, 1])]) {
      const defined = defineWorkSpec(data);
      expect(data.equals(defined.data)).toBe(true);
      expect({ ...defined, data: small.data }).toEqual(small);
    }
  });

  it('is refused as a small one is, also where a key that means something has very many', () => {
    expect(() => defineWorkSpec(encode(many))).toThrow('must be a dictionary');
    expect(() => defineWorkSpec(encode({ many }))).toThrow(NoWorkSpecNameError);
    expect(() => defineWorkSpec(encode({ name: many }))).toThrow(BadWorkSpecNameError);
    expect(defineWorkSpec(encode({ name: 's', then: many, priority: many })).meta).toMatchObject({
      priority: 0,
      nextWorkSpecName: '',
    });
  });

  it('is gone over in small steps', () => {
    for (const data of [large({ name: 's' }, ['many', many]), large({ name: 's' }, ...keys)]) {
      for (const steps of [definingWorkSpec(data), findingWarnings(data)]) {
        const sizes = [...steps];
        expect(Math.max(...sizes.slice(0, 100_000))).toBeLessThan(64);
        expect(sizes.length).toBeGreaterThan(10);
      }
    }
  });
});
