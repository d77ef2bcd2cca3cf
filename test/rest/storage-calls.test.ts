import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALLS_BY_NAME } from '../../src/storage-calls/calls/table.js';
import { jsonOf, valueOf } from '../../src/storage-calls/calls/values.js';
import { OpenDoors, TOKENS } from '../access/open-doors.js';
import { RestApp } from './app.js';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
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
