import { writeFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, createServer, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Handshakes } from '../../src/access/handshakes.js';
import { hashOfToken } from '../../src/access/token.js';
import { type Daemon, startDaemon } from '../../src/bootstrap/daemon.js';
import { shakesHands } from '../../src/bootstrap/health-check.js';
import { loadConfig } from '../../src/config/load.js';
import { createLog } from '../../src/observability/log.js';
import { RawClient } from '../cbor-rpc/client.js';
import { type Authority, type Certificate, CertificateFiles, makeAuthority } from '../support/certificates.js';

const STDERR = 2;
const files = new CertificateFiles();
const callers = files.path('callers.yaml');
let authority: Authority;
let others: Authority;
let server: Certificate;
let daemon: Daemon | undefined;
let httpPort: number;
let rpcPort: number;

beforeAll(async () => {
  authority = await makeAuthority('CN=Tests');
  others = await makeAuthority('CN=Others');
  server = await authority.issue('CN=daemon', { names: [{ type: 'ip', value: '127.0.0.1' }] });
});
afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
});
afterAll(() => files.remove());

async function start(...flags: string[]): Promise<void> {
  files.put(server, authority.cert);
  const args = ['-cborrpc', '127.0.0.1:0', '-http', '127.0.0.1:0', '-namespace', 'own', '-log-level', 'fatal'];
  const all = [...args, '-tls-cert', files.cert, '-tls-key', files.key, ...flags];
  const loaded = loadConfig(all, { env: {}, isTerminal: false });
  if (loaded.action !== 'start') throw new Error('no configuration');
  daemon = await startDaemon(loaded.config, createLog(loaded.config.log, STDERR));
  const portOf = (what: string): number =>
    Number(daemon!.banner.find((line) => line.startsWith(what))!.replace(/.*:/, ''));
  [rpcPort, httpPort] = [portOf('CBOR-RPC over TLS on '), portOf('HTTPS on ')];
}

interface Asked {
  client?: Certificate;
  agent?: Agent;
  token?: string;
  method?: string;
}

/** @returns the status, or why there is none */
function ask(path: string, { client, agent, token, method = 'GET' }: Asked = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port: httpPort, path, method, headers, ca: authority.cert, ...client };
    const request = httpsRequest({ ...options, agent: agent ?? false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode!));
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end();
  });
}

async function rpcCall(method: string, client?: Certificate): Promise<unknown> {
  const rpc = await RawClient.connect(rpcPort, { ca: authority.cert, ...client });
  try {
    return await rpc.call(method, ...(method === 'get_work' ? ['me', {}] : []));
  } catch (error) {
    return (error as Error).message;
  } finally {
    rpc.destroy();
  }
}

/** The common name of the certificate that a port shows. */
async function nameAt(port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options } as ConnectionOptions);
  await once(socket, 'secureConnect');
  const name = String(socket.getPeerCertificate().subject.CN);
  socket.destroy();
  return name;
}

describe('TLS', () => {
  it('is what both addresses speak, from 1.2 on; whoever speaks plainly is let go', async () => {
    await start();
    expect(await ask('/healthz')).toBe(200);
    expect(await rpcCall('now')).toBeDefined();
    for (const port of [httpPort, rpcPort]) {
      expect(await nameAt(port, { maxVersion: 'TLSv1.2' })).toBe('daemon');
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      await expect(nameAt(port, old)).rejects.toThrow(/protocol version|unsupported protocol|no protocols|ECONNRESET/i);
      const plain = connectPlain(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume();
      plain.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
      await once(plain, 'close');
    }
    expect(await ask('/healthz')).toBe(200);
    expect(await shakesHands(new URL(`http://127.0.0.1:${httpPort}/healthz`))).toBe(true);
  });

  it('is read again at SIGHUP without cutting a connection, under load; what is broken changes nothing', async () => {
    await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const rpc = await RawClient.connect(rpcPort, { ca: authority.cert });
    const statuses = new Map<number | string, number>();
    let isOver = false;
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const status = await ask('/summary', { agent });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    const fresh = async (): Promise<string[]> => Promise.all([nameAt(httpPort), nameAt(rpcPort)]);
    for (const name of ['second', 'third']) {
      files.put(await authority.issue(`CN=${name}`, { names: [{ type: 'ip', value: '127.0.0.1' }] }));
      process.emit('SIGHUP', 'SIGHUP');
      expect(await fresh()).toEqual([name, name]);
      expect(await ask('/summary', { agent })).toBe(200);
      expect(await rpc.call('now')).toBeDefined();
    }
    const { key } = await authority.issue('CN=of another');
    for (const broken of [key, 'nonsense', '']) {
      writeFileSync(files.key, broken);
      process.emit('SIGHUP', 'SIGHUP');
      expect(await fresh()).toEqual(['third', 'third']);
    }
    isOver = true;
    await Promise.all(load);
    expect([...statuses.keys()]).toEqual([200]);
    rpc.destroy();
    agent.destroy();
  });

  it('does not wait long for a handshake, nor for very many', async () => {
    files.put(server);
    const made: TLSSocket[] = [];
    const tls = createServer({ cert: server.cert, key: server.key });
    const handshakes = new Handshakes(tls, (socket) => made.push(socket.on('error', () => undefined)), 3);
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    const port = (tls.address() as { port: number }).port;
    const silent: Socket[] = [];
    for (let i = 0; i < 6; i++) {
      const socket = connectPlain(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume();
      silent.push(socket);
      await once(socket, 'connect');
      await expect.poll(() => handshakes.size, { timeout: 60_000 }).toBe(Math.min(i + 1, 3));
    }
    // Those go that have been at it for longest, and one that gets on is let in.
    await expect.poll(() => silent.map(({ destroyed }) => destroyed)).toEqual([true, true, true, false, false, false]);
    const honest = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => undefined);
    await once(honest, 'secureConnect');
    await expect.poll(() => made.length, { timeout: 60_000 }).toBe(1);
    honest.destroy();
    handshakes.cutOff();
    await expect.poll(() => silent.every(({ destroyed }) => destroyed)).toBe(true);
    for (const socket of made) socket.destroy();
    tls.close();
  });
});

describe('a client certificate', () => {
  const EXPIRED = -60_000;

  it('that is required lets in who shows one that is right, and nobody else', async () => {
    await start('-tls-client-ca', files.clientCa);
    expect(await ask('/summary', { client: await authority.issue('CN=ci') })).toBe(200);
    for (const client of [
      undefined,
      await others.issue('CN=ci'),
      await authority.issue('CN=ci', { endsIn: EXPIRED }),
    ]) {
      expect(typeof (await ask('/summary', { client }))).toBe('string');
      expect(await rpcCall('now', client)).toMatch(/ended|ECONNRESET|alert|socket/i);
    }
    expect(await shakesHands(new URL(`http://127.0.0.1:${httpPort}/healthz`))).toBe(true);
  });

  it('says who a caller is, by its common name or another, while it lasts and the file has it', async () => {
    const entry = (name: string, certificate: string) => ({ name, certificate, rights: { own: ['work'] } });
    const put = (...entries: object[]): void => {
      const token = { name: 'token', token_sha256: hashOfToken('t'.repeat(30)), rights: { '*': ['read'] } };
      writeFileSync(callers, stringify({ callers: [token, ...entries] }));
    };
    put(entry('ci', 'CN=ci'), entry('named', 'DNS:ci.example.com'), entry('uri', 'URI:spiffe://x/ci'));
    await start('-tls-client-ca', files.clientCa, '-tls-client', 'optional', '-auth-tokens', callers);
    const ci = await authority.issue('CN=ci, O=Tests');
    const path = '/namespace/own/worker/w/request_attempts';
    const clients = {
      ci,
      dns: await authority.issue('CN=x', { names: [{ type: 'dns', value: 'ci.example.com' }] }),
      uri: await authority.issue('CN=x', { names: [{ type: 'url', value: 'spiffe://x/ci' }] }),
    };
    for (const client of Object.values(clients)) {
      expect(await ask(path, { client, method: 'POST' })).toBe(200);
      expect(await rpcCall('get_work', client)).toBeInstanceOf(Array);
    }
    // Of others nobody knows who they are, and some names only look like those.
    const unknown = [
      await authority.issue('CN=cI'),
      await authority.issue('O=ci'),
      await authority.issue('CN="ci, DNS:ci.example.com"'),
      await authority.issue('CN=x', { names: [{ type: 'url', value: 'https://x/, DNS:ci.example.com' }] }),
    ];
    for (const client of [undefined, ...unknown]) {
      expect(await ask(path, { client, method: 'POST' })).toBe(401);
      expect(await rpcCall('get_work', client)).toMatch(/^sign in first/);
    }
    // A token says who it is in place of a certificate, a wrong one that nobody is.
    expect(await ask(path, { client: ci, token: 't'.repeat(30), method: 'POST' })).toBe(403);
    expect(await ask(path, { client: ci, token: 'u'.repeat(30), method: 'POST' })).toBe(401);
    expect(await ask('/namespace/own/work_spec', { token: 't'.repeat(30) })).toBe(200);
    // One that is wrong is not overlooked where none is required.
    for (const client of [await others.issue('CN=ci'), await authority.issue('CN=ci', { endsIn: EXPIRED })]) {
      expect(typeof (await ask('/healthz', { client }))).toBe('string');
    }
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const rpc = await RawClient.connect(rpcPort, { ca: authority.cert, ...ci });
    expect(await ask(path, { client: ci, agent, method: 'POST' })).toBe(200);
    put();
    process.emit('SIGHUP', 'SIGHUP');
    expect(await ask(path, { client: ci, agent, method: 'POST' })).toBe(401);
    await expect.poll(() => rpc.ended, { timeout: 60_000 }).toBe('reset');
    agent.destroy();
  });

  it('is nobody any more once it has ended, on a connection that is open too', async () => {
    writeFileSync(callers, stringify({ callers: [{ name: 'ci', certificate: 'CN=ci', rights: { own: ['work'] } }] }));
    await start('-tls-client-ca', files.clientCa, '-auth-tokens', callers);
    const client = await authority.issue('CN=ci', { endsIn: 4_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const path = '/namespace/own/work_spec';
    expect(await ask(path, { client, agent })).toBe(200);
    const rpc = await RawClient.connect(rpcPort, { ca: authority.cert, ...client });
    await expect.poll(() => rpc.ended, { timeout: 60_000 }).toBe('reset');
    await sleep(100);
    expect(await ask(path, { client, agent })).toBe(401);
    agent.destroy();
  });
});
