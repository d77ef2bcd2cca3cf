import { afterEach, expect, test } from 'vitest';
import { setTimeout as pause } from 'node:timers/promises';
import { type Attempt, CborRpcClient, connect, UnavailableError, type WorkerHandle } from 'coordinate-client';
import { hashOfToken, makeToken } from '../../src/access/token.js';
import { makeAuthority } from '../support/certificates.js';
import { runDaemon, type RunningDaemon, startDaemon } from '../support/daemon.js';
import { testFolder } from '../support/files.js';

const LONG = { timeout: 120_000, interval: 50 };
const { file } = testFolder();
const running: RunningDaemon[] = [];

async function start(...flags: string[]): Promise<RunningDaemon> {
  const daemon = await startDaemon(flags);
  running.push(daemon);
  return daemon;
}

const urlOf = ({ httpPort }: RunningDaemon): string => `http://127.0.0.1:${httpPort}/`;
const inFrontOf = (behind: RunningDaemon): Promise<RunningDaemon> => start('-backend', urlOf(behind));
/** Waits for work, as a worker does that goes on when the daemon could not be asked for a while. */
async function claimWhenever(worker: WorkerHandle): Promise<readonly Attempt[]> {
  for (;;) {
    try {
      const claimed = await worker.claim({ wait: '60s' });
      if (claimed.length > 0) return claimed;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      await pause(100);
    }
  }
}

/** Listens until an event comes that is what is waited for. @returns it */
async function heard<E extends { readonly type: string }>(
  events: AsyncGenerator<E, void>,
  isEnough: (event: E) => boolean,
): Promise<E> {
  for (;;) {
    const { value, done } = await events.next();
    if (done === true) throw new Error('the events are over');
    if (isEnough(value)) return value;
  }
}
const readyz = async (daemon: RunningDaemon): Promise<number> => (await fetch(`${urlOf(daemon)}readyz`)).status;

afterEach(async () => {
  await Promise.all(running.splice(0).map((daemon) => daemon.stop()));
});

test('workers of a daemon in front of one in front of another work on what that keeps, also over CBOR-RPC', async () => {
  const behind = await start();
  const front = await inFrontOf(await inFrontOf(behind));
  const there = connect(urlOf(behind));
  const here = connect(urlOf(front));
  const rpc = new CborRpcClient({ address: `127.0.0.1:${front.rpcPort}` });
  try {
    const events = here.events();
    expect((await events.next()).value).toMatchObject({ type: 'overview', complete: true });
    await here.setSpec({ name: 's' });
    await heard(events, (event) => event.type === 'spec' && event.change === 'made');
    const told = here.worker('w').events();
    const stopped = told.next();
    const waiting = here.worker('w').claim({ wait: '60s' });
    const unit = Uint8Array.of(0xff, 0x00, 0x61);
    await there.spec('s').add([{ name: unit, data: { x: 1 } }]);
    const [attempt] = await waiting;
    expect(attempt.unit).toEqual(unit);
    await attempt.finish();
    expect(await there.spec('s').counts()).toMatchObject({ finished: 1, pending: 0 });
    await heard(events, (event) => event.type === 'drained' && event.name === 's');
    await there.spec('s').add([{ name: 'wrong' }]);
    await here.worker('w').claim();
    await there.spec('s').cancel();
    expect((await stopped).value).toMatchObject({ type: 'cancelled', unit: 'wrong' });
    const failure = await heard(events, (event) => event.type === 'failure');
    expect(failure).toMatchObject({ spec: 's', unit: 'wrong', worker: 'w' });
    await Promise.all([events.return(), told.return()]);
    expect((await here.overview()).specs.map(({ name }) => name)).toEqual(['s']);
    const locked = await rpc.call('lock', 'me', 60, [['a', 'b']]);
    expect(locked).toEqual([true, null]);
    await expect(here.spec('none').counts()).rejects.toThrow('No such work spec "none"');
  } finally {
    rpc.close();
    here.close();
    there.close();
  }
});

test('while the other daemon is away requests say so, and it goes on by itself when that is back', async () => {
  const behind = await start();
  const front = await inFrontOf(behind);
  const here = connect(urlOf(front), { retry: false });
  try {
    await here.setSpec({ name: 's' });
    expect(await readyz(front)).toBe(200);
    const events = here.events();
    await events.next();
    const waiting = claimWhenever(here.worker('w'));
    await behind.kill();
    await expect(here.spec('s').counts()).rejects.toThrow(UnavailableError);
    expect(await readyz(front)).toBe(503);
    expect(front.output()).toContain(`127.0.0.1:${behind.httpPort}`);
    await start('-http', `127.0.0.1:${behind.httpPort}`);
    await expect.poll(() => readyz(front), LONG).toBe(200);
    await here.setSpec({ name: 't' });
    expect(await here.spec('t').counts()).toMatchObject({ available: 0 });
    // Whoever was listening, and waiting, when it went away.
    await heard(events, (event) => event.type === 'spec' && event.name === 't');
    await here.spec('t').add([{ name: 'u' }]);
    expect(await waiting).toMatchObject([{ unit: 'u' }]);
    await events.return();
  } finally {
    here.close();
  }
});

test('a circle is refused at the start, in one line', async () => {
  const first = await start();
  const second = await inFrontOf(first);
  await first.stop();
  const { code, stderr } = await runDaemon([
    '-cborrpc',
    'off',
    '-http',
    `127.0.0.1:${first.httpPort}`,
    '-backend',
    urlOf(second),
    '-log-level',
    'error',
  ]);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `coordinated: -backend http://127.0.0.1:${second.httpPort}: a circle: that daemon keeps its state in this one\n`,
  );
});

test('it speaks TLS to one that asks who it is, by a token that has the rights', async () => {
  const authority = await makeAuthority('CN=Tests');
  const { cert, key } = await authority.issue('CN=127.0.0.1', { names: [{ type: 'ip', value: '127.0.0.1' }] });
  const token = makeToken();
  const callers = {
    callers: [
      { name: 'front', token_sha256: hashOfToken(token), rights: { '*': ['read', 'define', 'submit', 'operate'] } },
    ],
  };
  const tls = ['-tls-cert', file('cert.pem', cert), '-tls-key', file('key.pem', key)];
  const behind = await start(...tls, '-auth-tokens', file('callers.yaml', JSON.stringify(callers)));
  const port = /HTTPS on 127\.0\.0\.1:(\d+)/.exec(behind.output())![1];
  const backend = ['-backend', `https://127.0.0.1:${port}/`, '-backend-ca-file', file('ca.pem', authority.cert)];

  const wrong = [...backend, '-backend-token-file', file('wrong', makeToken())];
  const refused = await runDaemon(['-cborrpc', 'off', '-http', '127.0.0.1:0', '-log-level', 'error', ...wrong]);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toMatch(/^coordinated: -backend https:\/\/127\.0\.0\.1:\d+: .*\n$/);

  const front = await start(...backend, '-backend-token-file', file('token', `${token}\n`));
  const here = connect(urlOf(front), { retry: false });
  try {
    await here.setSpec({ name: 's' });
    await here.spec('s').add([{ name: 'u' }]);
    expect(await here.spec('s').counts()).toMatchObject({ available: 1 });
    await expect(here.worker('w').claim()).rejects.toThrow(UnavailableError);
    // What is logged comes by another way than the answer.
    await expect.poll(() => front.output(), { timeout: 10_000 }).toContain('does not have the right work');
  } finally {
    here.close();
  }
});

test('what is said of another daemon is refused where there is none', async () => {
  const { code, stderr } = await runDaemon(['-backend', 'memory', '-backend-token-file', 'x']);
  expect(code).toBe(2);
  expect(stderr).toContain('-backend-token-file is for -backend http://HOST:PORT/');
});
