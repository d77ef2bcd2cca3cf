import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hashOfToken } from '../../src/access/token.js';
import { ByteString, CborMap, type CborValue, type Encodable } from '../../src/cbor/index.js';
import { VERSION } from '../../src/version.js';
import { RawClient } from '../cbor-rpc/client.js';
import { holders, OpenDoors, TOKENS } from './open-doors.js';

let doors: OpenDoors;
let client: RawClient;
beforeAll(async () => {
  doors = await OpenDoors.open([]);
});
beforeEach(async () => {
  doors.know(holders());
  client = await RawClient.connect(doors.rpcPort);
  return () => client.destroy();
});
afterAll(() => doors.close());

/** What hello says, as an object. */
async function hello(options: Record<string, Encodable>, by = client): Promise<Record<string, CborValue>> {
  const [said, message] = (await by.call('hello', options)) as [CborMap, null];
  expect(message).toBeNull();
  return Object.fromEntries(said.entries) as Record<string, CborValue>;
}

it('says who calls, where, and what they may do there', async () => {
  const said = {
    version: VERSION,
    namespace: 'own',
    caller: 'submit',
    rights: ['read', 'submit'],
    features: ['update_work_unit.delay'],
  };
  expect(await hello({ token: TOKENS.submit, client: 'a test' })).toEqual(said);
  await client.call('set_work_spec', { name: 's' }).catch((error: unknown) => {
    expect(String(error)).toContain('"submit" does not have the right define in the namespace "own"');
  });
  expect(await hello({ token: new ByteString(TOKENS.define) })).toMatchObject({ caller: 'define' });
  expect(await client.call('set_work_spec', { name: 's' })).toEqual([true, null]);
});

it('keeps what it does not say, and is of its connection alone', async () => {
  await hello({ token: TOKENS.read });
  expect(await hello({ namespace: 'other' })).toMatchObject({ caller: 'read', namespace: 'other', rights: [] });
  expect(await hello({ token: TOKENS.work })).toMatchObject({ caller: 'work', namespace: 'other', rights: [] });
  expect(await hello({})).toMatchObject({ caller: 'work', namespace: 'other', rights: [] });
  const another = await RawClient.connect(doors.rpcPort);
  await expect(another.call('now')).rejects.toThrow('sign in first');
  another.destroy();
});

it('makes no namespace', async () => {
  await hello({ token: TOKENS.work, namespace: 'new' });
  expect(await (await doors.send('GET', '/namespace', { token: TOKENS.operate })).text()).not.toContain('new');
});

it.each<[string, Record<string, Encodable>]>([
  ['a token that nobody has', { token: 'nobody has it' }],
  ['one that is far too long', { token: 'x'.repeat(20_000) }],
  ['none at all, of somebody who is not known', { namespace: 'own' }],
])('is the end of the connection with %s', async (_, options) => {
  await expect(client.call('hello', options)).rejects.toThrow('sign in first');
  expect(await client.closed()).toBe('reset');
});

it('ends a connection whose caller was known with a token that nobody has', async () => {
  await hello({ token: TOKENS.read });
  await expect(client.call('hello', { token: 'another' })).rejects.toThrow('sign in first: the token is not known');
  expect(await client.closed()).toBe('reset');
});

it('refuses a namespace that can be none, and changes nothing', async () => {
  await hello({ token: TOKENS.read });
  await expect(client.call('hello', { namespace: 'x'.repeat(1025) })).rejects.toThrow('namespace is 1025 bytes long');
  expect(await hello({})).toMatchObject({ caller: 'read', namespace: 'own' });
});

it('is over when its caller is', async () => {
  await hello({ token: TOKENS.read });
  doors.know(holders().filter(({ name }) => name !== 'read'));
  expect(await client.closed()).toBe('reset');
});

it('confines a caller with a prefix to its workers', async () => {
  const ci = { name: 'ci', token_sha256: hashOfToken('ci'), rights: { own: ['work' as const] }, workers: 'ci-' };
  doors.know([...holders(), ci]);
  const other = await RawClient.connect(doors.rpcPort);
  await hello({ token: TOKENS.define }, other);
  await other.call('set_work_spec', { name: 'fenced' });
  await hello({ token: TOKENS.submit }, other);
  await other.call('add_work_units', 'fenced', ['a', 'b']);
  await hello({ token: TOKENS.work }, other);
  const ofFenced = { work_spec_names: ['fenced'] };
  await other.call('get_work', 'other-1', ofFenced);
  await hello({ token: 'ci' });
  const may = '"ci" may act for workers whose names begin with "ci-", not for';
  for (const [method, ...params] of [
    ['get_work', 'other-1', ofFenced],
    ['update_work_unit', 'fenced', 'a', { status: 4, worker_id: 'other-1' }],
    ['worker_heartbeat', 'other-1'],
    ['worker_heartbeat', 'ci-1', 'RUN', 60, {}, 'other-1'],
    ['worker_unregister', 'other-1'],
    ['lock', 'other-1', 60, [['x']]],
    ['locksome', 'other-1', 60, [['x']]],
    ['renew', 'other-1', 60, [['x']]],
    ['unlock', 'other-1', [['x']]],
  ] as [string, ...Encodable[]][]) {
    await expect(client.call(method, ...params), method).rejects.toThrow(`${may} "other-1"`);
  }
  // What names no worker is for whoever it is.
  await expect(client.call('update_work_unit', 'fenced', 'a', { status: 4 })).rejects.toThrow(`${may} whoever it is`);
  await expect(client.call('delete_namespace', ['x'])).rejects.toThrow(`${may} whoever it is`);
  const [done, reason] = (await client.call('update_work_unit', 'fenced', 'a', {
    status: 4,
    worker_id: 'ci-1',
  })) as [boolean, ByteString];
  expect([done, reason.toText()]).toEqual([false, "no longer the active attempt, held by 'other-1'"]);
  expect(await other.call('update_work_unit', 'fenced', 'a', { status: 5, worker_id: 'other-1' })).toEqual([
    true,
    null,
  ]);
  // A unit that another has failed is not brought home either.
  expect(await client.call('update_work_unit', 'fenced', 'a', { status: 4, worker_id: 'ci-1' })).toContain(false);
  expect(await client.call('worker_heartbeat', 'ci-1')).toEqual([true, null]);
  await client.call('get_work', 'ci-1', ofFenced);
  expect(await client.call('update_work_unit', 'fenced', 'b', { status: 4, worker_id: 'ci-1' })).toEqual([true, null]);
  other.destroy();
});

it('confines a caller with a prefix to its workers over REST', async () => {
  const ci = { name: 'ci', token_sha256: hashOfToken('ci'), rights: { own: ['work' as const] }, workers: 'ci-' };
  doors.know([...holders(), ci]);
  const spec = '/namespace/own/work_spec/rest';
  await doors.send('PUT', spec, { token: TOKENS.define, body: { data: { name: 'rest' } } });
  await doors.send('POST', '/namespace/own/work_spec', { token: TOKENS.define, body: { data: { name: 'rest' } } });
  for (const name of ['a', 'b', 'c']) {
    await doors.send('POST', `${spec}/work_unit`, { token: TOKENS.submit, body: { name } });
  }
  const worker = (name: string): string => `/namespace/own/worker/${name}`;
  const take = { body: { work_specs: ['rest'] } };
  const claim = async (name: string, token: string): Promise<string> => {
    const answer = await doors.send('POST', `${worker(name)}/request_attempts`, { ...take, token });
    return ((await answer.json()) as { attempts: { url: string }[] }).attempts[0].url;
  };
  const theirs = await claim('other-1', TOKENS.work);
  const own = await claim('ci-1', 'ci');
  const status = async (method: string, path: string, body: unknown = {}): Promise<number> =>
    (await doors.send(method, path, { token: 'ci', body })).status;
  for (const action of ['renew', 'expire', 'finish', 'fail', 'retry']) {
    expect([action, await status('POST', `${theirs}/${action}`)]).toEqual([action, 403]);
  }
  expect(await status('POST', `${worker('other-1')}/request_attempts`, take.body)).toBe(403);
  expect(await status('PUT', worker('other-1'), { active: true })).toBe(403);
  expect(await status('PUT', worker('ci-1'), { parent: 'other-1' })).toBe(403);
  expect(await status('POST', `${worker('ci-1')}/make_attempt`, { work_spec: 'rest', work_unit: 'a' })).toBe(403);
  const answer = await doors.send('POST', `${worker('ci-1')}/finish_attempts`, {
    token: 'ci',
    body: { attempts: [theirs, own].map((url) => ({ url, outcome: 'finished' })) },
  });
  expect(await answer.json()).toEqual({
    results: [
      {
        url: theirs,
        error: 'error',
        message: '"ci" may act for workers whose names begin with "ci-", not for "other-1"',
      },
      { url: own, status: 'finished' },
    ],
  });
  const renewals = { attempts: [{ url: theirs }] };
  expect(await status('POST', `${worker('ci-1')}/renew_attempts`, renewals)).toBe(200);
  expect((await doors.send('GET', worker('nobody-1'), { token: 'ci' })).status).toBe(404);
  expect((await doors.send('GET', worker('ci-3'), { token: 'ci' })).status).toBe(200);
  expect(await (await doors.send('GET', theirs, { token: TOKENS.read })).json()).toMatchObject({ status: 'pending' });
  expect(await status('POST', `${worker('ci-1')}/make_attempt`, { work_spec: 'rest', work_unit: 'c' })).toBe(200);
});
