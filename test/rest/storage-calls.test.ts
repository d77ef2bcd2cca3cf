import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ByteString, encode } from '../../src/cbor/index.js';
import { GoneError } from '../../src/domain/errors.js';
import { CALLS_BY_NAME } from '../../src/storage-calls/calls/table.js';
import { jsonBytes, jsonOf, jsonPieces, valueOf } from '../../src/storage-calls/calls/values.js';
import { Slices } from '../../src/timing/slices.js';
import { OpenDoors, TOKENS } from '../access/open-doors.js';
import { RestApp } from './app.js';

const MIB = 1024 * 1024;

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start({ maxUnreadBytes: 4 * MIB });
});
afterAll(() => rest.stop());

/** What comes of a call. */
async function call(name: string, parameters: object): Promise<Record<string, unknown>> {
  const { json } = await rest.post('/storage/calls', { calls: [{ call: name, with: parameters }] });
  return (json as { results: Record<string, unknown>[] }).results[0];
}

describe('calls of a daemon in front', () => {
  it('are carried out in their order, each with its result', async () => {
    const definition = { data: jsonOf(Buffer.from('a1646e616d656173', 'hex')) };
    const unit = { name: 'u\u00ff', data: { $cbor: 'oA==' }, priority: 0 };
    const { json } = await rest.post('/storage/calls', {
      calls: [
        { call: 'specs.set', with: { namespace: '', definition } },
        { call: 'units.add', with: { namespace: '', workSpec: 's', units: [unit] } },
        { call: 'units.listNames', with: { namespace: '', workSpec: 's', query: {} } },
        { call: 'specs.counts', with: { namespace: '', name: 'none' } },
      ],
    });
    expect(json).toEqual({
      results: [
        { value: null },
        { value: null },
        { value: ['u\u00ff'] },
        { error: 'ErrNoSuchWorkSpec', message: 'No such work spec "none"', subject: 'none' },
      ],
    });
  });

  it('say of what is wrong with them where it is', async () => {
    expect(await call('nothing.at.all', {})).toMatchObject({ error: 'invalid', field: 'call' });
    expect(await call('units.list', { namespace: '', workSpec: 's', query: { limit: -1 } })).toEqual({
      error: 'invalid',
      message: 'must be a number of at least 0',
      field: 'query.limit',
    });
    const units = [{ name: 'u', data: { $cbor: 'gA==' }, priority: 0 }];
    expect(await call('units.add', { namespace: '', workSpec: 's', units })).toMatchObject({
      error: 'invalid',
      field: 'units[0].data',
    });
    const { status } = await rest.post('/storage/calls', { calls: [{ call: 'clock.now', with: [] }] });
    expect(status).toBe(400);
  });

  it('are a thousand at most, and are told no more than fits into one answer', async () => {
    const { status } = await rest.post('/storage/calls', { calls: Array(1_001).fill({ call: 'clock.now', with: {} }) });
    expect(status).toBe(400);
    const definition = { data: jsonOf(Buffer.from('a1646e616d65656c61726765', 'hex')) };
    const data = { $cbor: encode({ blob: new ByteString('b'.repeat(MIB / 16)) }).toString('base64') };
    const unit = { namespace: '', workSpec: 'large', name: 'u' };
    const { json } = await rest.post('/storage/calls', {
      calls: [
        { call: 'specs.set', with: { namespace: '', definition } },
        { call: 'units.add', with: { namespace: '', workSpec: 'large', units: [{ name: 'u', data, priority: 0 }] } },
        ...Array<object>(40).fill({ call: 'units.get', with: unit }),
        { call: 'units.delete', with: { namespace: '', workSpec: 'large', query: {} } },
      ],
    });
    const { results } = json as { results: { value?: unknown; error?: string; message?: string }[] };
    const told = results.slice(2, -1);
    // One MiB, as base64, and what was at work at that moment: what changes something is carried out all the same.
    const whole = told.filter(({ value }) => value !== undefined);
    expect(whole.length).toBeGreaterThan(8);
    expect(whole.length).toBeLessThan(13 + 8);
    expect(whole.at(-1)!.value).toMatchObject({ name: 'u', data });
    expect(told.at(-1)).toMatchObject({
      error: 'unavailable',
      message: expect.stringContaining('ask for less') as string,
    });
    expect(results.at(-1)).toEqual({ value: 1 });
  });

  it('spell values in pieces as in one go', async () => {
    const long = Array.from({ length: 500 }, (_, at) => ({ at, text: 'ä"'.repeat(at % 7), none: undefined }));
    const value = {
      long,
      bytes: Buffer.alloc(100_000, 'abc'),
      map: new Map([['many', long]]),
      set: new Set([1, 2]),
      big: 2n ** 70n,
      empty: [Buffer.alloc(0), [], {}],
      error: new GoneError(),
    };
    const pieces = [...jsonPieces(value)];
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(JSON.stringify(jsonOf(value)));
    for (const piece of pieces) expect(piece.length).toBeLessThan(128 * 1024);
    const bytes = await jsonBytes(value, new Slices());
    expect(bytes).toBeGreaterThan(pieces.join('').length / 2);
    expect(bytes).toBeLessThan(pieces.join('').length * 2);
  });

  it('are read in slices where they are long, as in one go', async () => {
    const definition = { data: jsonOf(Buffer.from('a1646e616d65646d616e79', 'hex')) };
    const units = Array.from({ length: 3_000 }, (_, at) => ({
      name: `u${at}`,
      data: { $cbor: 'oA==' },
      priority: at / 2,
    }));
    const { json } = await rest.post('/storage/calls', {
      calls: [
        { call: 'specs.set', with: { namespace: '', definition } },
        {
          call: 'units.add',
          with: { namespace: '', workSpec: 'many', units, __proto__: 1, other: [true, null, -1.5e3] },
        },
        { call: 'units.getMany', with: { namespace: '', workSpec: 'many', names: units.map(({ name }) => name) } },
        { call: 'units.add', with: { namespace: '', workSpec: 'many', units: [...units, { name: 'x' }] } },
      ],
    });
    const { results } = json as { results: { value?: unknown[]; error?: string; field?: string }[] };
    expect(results[2].value).toHaveLength(3_000);
    expect(results[2].value).toContainEqual(expect.objectContaining({ name: 'u2999', priority: 1499.5 }));
    expect(results[3]).toMatchObject({ error: 'invalid', field: 'units[3000].data' });
  });

  it('spell values so that none is lost', () => {
    const value = { a: [1, undefined, null, -0, Infinity, 2n ** 63n], b: new Map([['k', Buffer.of(0)]]), c: undefined };
    expect(valueOf(JSON.parse(JSON.stringify(jsonOf(value))))).toEqual(value);
  });

  it('need the rights of what they do', () => {
    const needs: Record<string, string[]> = {};
    for (const [name, { needs: right }] of CALLS_BY_NAME) {
      (needs[typeof right === 'string' ? right : 'work or submit'] ??= []).push(name);
    }
    expect(needs['known']).toEqual(['schedules.startDue', 'clock.now']);
    expect(needs['work or submit']).toEqual(['attempts.change', 'attempts.changeMany']);
    expect(needs['define']).toEqual(['specs.set', 'specs.redefine']);
    expect(needs['submit']).toEqual([
      'units.add',
      'units.change',
      'units.prioritize',
      'units.clear',
      'units.cancel',
      'units.delete',
      'schedules.runNow',
    ]);
    for (const name of needs['read']) expect(CALLS_BY_NAME.get(name)!.asks).toBe(true);
    for (const [name, { asks }] of CALLS_BY_NAME) {
      if (asks) expect([...needs['read'], 'clock.now', 'sessions.find']).toContain(name);
    }
  });
});

describe('where the daemon asks who calls', () => {
  let doors: OpenDoors;
  beforeAll(async () => {
    doors = await OpenDoors.open();
  });
  afterAll(() => doors.close());

  it('a call is refused to who lacks its right, and the others are carried out', async () => {
    const own = { namespace: 'own', name: 's' };
    const calls = [
      { call: 'specs.missing', with: { namespace: 'own', names: [] } },
      { call: 'specs.delete', with: own },
      { call: 'specs.missing', with: { namespace: 'other', names: [] } },
      { call: 'namespaces.list', with: {} },
      // A session that one adds is a way to be anybody.
      { call: 'sessions.find', with: { hashes: [] } },
      { call: 'clock.now', with: {} },
    ];
    const answer = await doors.send('POST', '/storage/calls', { token: TOKENS.operate, body: { calls } });
    const { results } = (await answer.json()) as { results: { error?: string }[] };
    expect(results.map(({ error }) => error ?? 'done')).toEqual([
      'denied',
      'denied',
      'denied',
      'denied',
      'denied',
      'done',
    ]);
  });
});
