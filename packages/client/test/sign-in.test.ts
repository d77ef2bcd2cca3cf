import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode, Tagged } from 'coordinate-client';
import { CborRpcClient, RpcError } from 'coordinate-client';
import { beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../../test/support/daemon.js';
import { fakeDaemon, response } from './fake-daemon.js';

const token = 'a token that nobody can guess';
let daemon: RunningDaemon;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-client-'));
  const file = join(folder, 'callers.yaml');
  const hash = createHash('sha256').update(token).digest('hex');
  writeFileSync(file, `callers: [{name: me, token_sha256: ${hash}, rights: {demo: [work]}}]`);
  daemon = await startDaemon(['-http', 'off', '-auth-tokens', file]);
  return async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true });
  };
});

it('says who calls and where', async () => {
  const client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}`, token, namespace: 'demo' });
  const [said] = await client.call('hello');
  expect(said).toMatchObject({ caller: 'me', namespace: 'demo', rights: ['read', 'work'] });
  client.close();
});

it('hears that a token is not known, and asks no further', async () => {
  const client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}`, token: 'another' });
  await expect(client.call('now')).rejects.toThrow(
    new RpcError('hello', 'sign in first: the token is not known, or no longer valid'),
  );
  client.close();
});

it('says it again on each connection, before anything else', async () => {
  const fake = await fakeDaemon(({ id, method }, socket) => {
    if (fake.received.length === 2) socket.destroy();
    else socket.write(response(id, method === 'hello' ? [{}, null] : 1));
  });
  const client = new CborRpcClient({ address: fake.address, token });
  expect(await client.call('now')).toBe(1);
  expect(fake.received.map(({ method }) => method)).toEqual(['hello', 'now', 'hello', 'now']);
  expect(fake.received[2].params).toEqual([{ token, client: 'coordinate-client' }]);
  client.close();
  await fake.close();
});

it('goes no further with a daemon that knows no tokens', async () => {
  const fake = await fakeDaemon(({ id }, socket) => {
    socket.write(encode(new Tagged(24, encode({ id, error: { message: 'no such method "hello"' } }))));
  });
  const client = new CborRpcClient({ address: fake.address, token });
  await expect(client.call('now')).rejects.toThrow('no such method "hello"');
  expect(fake.received.map(({ method }) => method)).toEqual(['hello']);
  client.close();
  await fake.close();
});

it('sends no token to other machines unencrypted, unless told to', () => {
  const address = ['127.0.0.1:5932', '10.1.2.3:5932'];
  expect(() => new CborRpcClient({ address, token })).toThrow('a token goes to 10.1.2.3 with tls');
  for (const options of [{ token, insecure: true }, { token, tls: {} }, {}]) new CborRpcClient({ address, ...options });
});
