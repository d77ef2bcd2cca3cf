import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { ATTEMPT_OUTCOMES } from '../../src/attempts/rest/dto/attempt-request.dto.js';
import { cborItem } from '../../src/rest/json/long-strings.js';
import { nextTurn } from '../../src/timing/slices.js';
import { NEW_WORK_UNIT, NEW_WORK_UNITS } from '../../src/work-units/rest/dto/work-unit.dto.js';
import { sized } from '../support/full-size.js';
import { RestApp } from './app.js';

type Body = { parse(body: unknown): unknown; prepare(body: Buffer): Promise<unknown> };

/** What a body is read as, or what is wrong with it. */
async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    const { message, details } = error as { message: string; details?: unknown };
    return { message, details };
  }
}

async function expectTheSame(field: Body, json: string): Promise<void> {
  const body = Buffer.from(json);
  const inOne = await outcome(() => field.parse(body));
  const inSteps = await outcome(async () => field.parse(await field.prepare(body)));
  // What vitest says of a difference takes it seconds to find out about large bytes.
  if (!isDeepStrictEqual(inSteps, inOne)) expect(inSteps).toEqual(inOne);
}

const key = fc.constantFrom('work_units', 'attempts', 'name', 'data', 'meta', 'priority', 'url', 'outcome', 'other');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 1, -2.5, 'text', 'finished', '', '\ud800', Infinity),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));

describe('a body that is read in steps', () => {
  it('is read as in one, and told the same of what is wrong', async () => {
    const field = fc.constantFrom<Body>(NEW_WORK_UNITS, NEW_WORK_UNIT, ATTEMPT_OUTCOMES);
    await fc.assert(
      fc.asyncProperty(field, fc.dictionary(key, value), async (of, body) => expectTheSame(of, JSON.stringify(body))),
      { numRuns: sized(500, 80) },
    );
  });

  it.each([
    '{"work_units":[{"name":"a","data":{"a":1e400}},null,7,{"name":5}]}',
    '{"work_units":[{"name":"a"},{"name":"b","meta":""}],"x":[[],{}]}',
    '{"work_units":[{"name":"a"}',
    '{"work_units":[{"name":"a"},]}',
    '{"work_units":{"name":"a"}}',
    '{"work_units":[{"name":"a","data":"oWFhAQ=="}]} x',
    '[1]',
    `{"work_units":${'['.repeat(2_000)}`,
    `{"x":${'['.repeat(2_000)}`,
  ])('as %s', (json) => expectTheSame(NEW_WORK_UNITS, json));
});

/** What a long string is made of, as JSON writes it; the last three are wrong. */
const written = ['a', 'é', '世界', '\\n', '\\"', '\\\\', '\\u0041', '\\ud83d\\ude00', '\\ud800', '\u0001', '\\x', '"'];
const longString = fc
  .tuple(
    fc.array(fc.constantFrom(...written.slice(0, -3)), { minLength: 1, maxLength: 20 }),
    fc.option(fc.constantFrom(...written), { freq: 2 }),
    fc.nat(3_000),
    fc.boolean(),
  )
  .map(([parts, odd, at, isCut]) => {
    const part = parts.join('');
    const count = Math.ceil(70_000 / part.length);
    const text = odd === null ? part.repeat(count) : part.repeat(at) + odd + part.repeat(count);
    return `"${text}${isCut ? '' : '"'}`;
  });

describe('a long string that is read in steps', () => {
  it('is read as in one, and told the same of what is wrong', async () => {
    const place = fc.constantFrom(
      '{"name":S}',
      '{"name":"a","data":{"k":S}}',
      '{"name":"a","data":{S:1}}',
      '{S:1}',
      '{"x":[S]}',
      '{"name":"a","data":{"k":{"$utf8":S}}}',
    );
    await fc.assert(
      fc.asyncProperty(longString, place, async (text, body) => {
        await expectTheSame(
          NEW_WORK_UNIT,
          body.replace('S', () => text),
        );
      }),
      { numRuns: sized(150, 12) },
    );
  });

  it.each([
    '{"$bytes":S}',
    '{"a":{"$bytes":S}}',
    '{"a":{"$utf8":S}}',
    '{"a":{"$utf8":S,"$bytes":S}}',
    '{"a":{"$utf8":1,"$utf8":S}}',
    '{"a":{"$cbor":S}}',
    '{"$cbor":S}',
    '{"a":{"$tuple":[S,{"$int":"18446744073709551615"}]}}',
    '{"a":{"$map":[[S,1],[{"$uuid":"00112233-4455-6677-8899-aabbccddeeff"},S]]}}',
    '{"a":{"$tag":[4000,{"$bytes":S}]}}',
    '{"a":{"$uuid":S}}',
    '{"$map":[[S,1]]}',
    'S',
  ])('of what is spelt out: %s', async (data) => {
    const cbor = encode({ k: 'x'.repeat(70_000), list: Array.from({ length: 3_000 }, (_, i) => i) });
    const deep = Buffer.concat([Buffer.from('a1616b', 'hex'), Buffer.alloc(80_000, 0x81), Buffer.of(0)]);
    const base64 = cbor.toString('base64');
    for (const text of [
      base64,
      `${base64.slice(0, 65_536 - 2)}==${base64.slice(65_536)}`,
      `${base64.slice(0, -1)}!`,
      cbor.subarray(0, 60_000).toString('base64'),
      Buffer.concat([cbor, cbor]).toString('base64'),
      deep.toString('base64'),
      'é😀'.repeat(30_000),
    ]) {
      await expectTheSame(
        NEW_WORK_UNIT,
        `{"name":"a","data":${data}}`.replaceAll('S', () => JSON.stringify(text)),
      );
    }
  });

  it.each(['{"name":"é😀", x', '{"é', '\ufeff{"name":"世界"}', '\ufeff{"name":7 世}'])(
    'beside other characters: %s',
    (body) => expectTheSame(NEW_WORK_UNIT, body),
  );

  it('lists of very many items are read as in one', async () => {
    const items = Array.from({ length: 17_000 }, (_, i) => (i % 3 === 0 ? { i } : i % 1_000 === 1 ? `text ${i}` : i));
    const list = JSON.stringify(items);
    for (const data of [
      `{"list":${list},"nested":[${list},7,[${list}]]}`,
      `{"a":{"$tuple":${list}}}`,
      `{"a":{"$tuple":${list},"b":1}}`,
      `{"a":{"$tag":[4000,${list}]}}`,
      `{"a":{"$map":${JSON.stringify(items.map((item, i) => [i, item]))}}}`,
      `{"a":{"$bytes":${list}}}`,
      `{"a":1,"a":${list}}`,
      `{"a":${list.slice(0, -1)},x]}`,
      list,
    ]) {
      await expectTheSame(NEW_WORK_UNIT, `{"name":"a","data":${data}}`);
    }
  });

  it('that says CBOR is looked at in steps', () => {
    const list = Buffer.alloc(1_000_005, 1);
    list[0] = 0x9a;
    list.writeUInt32BE(1_000_000, 1);
    const steps = cborItem(list.toString('base64'), { isOver: false, isOverAfter: () => true });
    let count = 0;
    while (!steps.next().done) count++;
    expect(count).toBeGreaterThan(50);
  });

  it('lets others have their turn', async () => {
    const text = JSON.stringify({ name: 'a', data: { text: 'a\n'.repeat(sized(5_000_000, 1_500_000)) } });
    let turns = 0;
    let isRead = false;
    const counting = (async () => {
      for (; !isRead; turns++) await nextTurn();
    })();
    await NEW_WORK_UNIT.prepare(Buffer.from(text));
    isRead = true;
    await counting;
    expect(turns).toBeGreaterThan(5);
  });
});

describe('large bodies', () => {
  let rest: RestApp;
  beforeAll(async () => {
    rest = await RestApp.start();
    await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
  });
  afterAll(() => rest.stop());

  it('are read while others have their turn', async () => {
    const work_units = Array.from({ length: 30_000 }, (_, i) => ({ name: `u${i}`, data: { i, list: [i, null, 'x'] } }));
    let turns = 0;
    let isAnswered = false;
    const others = (async () => {
      for (; !isAnswered; turns++) await nextTurn();
    })();
    const answer = await rest.post('/namespace/n/work_spec/s/add', { work_units });
    isAnswered = true;
    await others;
    expect(answer.status).toBe(201);
    expect((answer.json as { work_units: unknown[] }).work_units).toHaveLength(30_000);
    expect(turns).toBeGreaterThan(5);
    const { json } = await rest.get('/namespace/n/work_spec/s/work_unit/u29999');
    expect(json).toMatchObject({ data: { i: 29_999, list: [29_999, null, 'x'] } });
  });

  it('whose unknown keys are large are read all the same, and not repeated', async () => {
    const junk = 'k'.repeat(200_000);
    const body = { name: 'u', [junk]: { [junk]: [junk] }, meta: { priority: junk } };
    const { status, text } = await rest.post('/namespace/n/work_spec/s/work_unit', body);
    expect(status).toBe(400);
    expect(text).toContain('meta.priority');
    expect(text.length).toBeLessThan(1_000);
  });

  it('bring very many attempts home', async () => {
    const url = '/namespace/n/work_spec/s/work_unit/u1/attempt/w/1.1';
    const attempts = Array.from({ length: 2_500 }, () => ({ url, outcome: 'finished' }));
    const { status, json } = await rest.post('/namespace/n/worker/w/finish_attempts', { attempts });
    expect(status).toBe(200);
    expect((json as { results: { error: string }[] }).results.map(({ error }) => error)).toEqual(
      attempts.map(() => 'ErrGone'),
    );
  });
});
