import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runDaemon, startDaemon } from '../support/daemon.js';
import { testFolder } from '../support/files.js';
import { some } from '../support/full-size.js';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

const { file } = testFolder();

describe('a daemon that serves', () => {
  const KEPT: readonly (readonly [readonly string[], string])[] = [
    [['-retain-finished', '7d'], 'failed'],
    [['-retain-failed', '1000'], 'finished'],
    [[], 'finished and failed'],
  ];
  test.each(some(KEPT, 1))('warns once of what it keeps for ever: %j', async (flags, kept) => {
    const daemon = await startDaemon(flags);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    const warnings = daemon.output().match(/"level":"warn".*for ever.*/g) ?? [];
    expect(warnings).toEqual([expect.stringContaining(`"${kept} work units are kept for ever, so that memory grows`)]);
  });

  test('says where it listens and what it stores in, a line each, and answers there', async () => {
    const daemon = await startDaemon(['-retain-finished', '7d', '-retain-failed', '1000']);
    try {
      expect(daemon.output().trimEnd().split('\n').sort()).toEqual([
        `coordinate ${version}: CBOR-RPC on 127.0.0.1:${daemon.rpcPort}`,
        `coordinate ${version}: HTTP on 127.0.0.1:${daemon.httpPort}`,
        `coordinate ${version}: storage memory`,
      ]);
      const origin = `http://127.0.0.1:${daemon.httpPort}`;
      expect(await (await fetch(`${origin}/healthz`)).json()).toEqual({ status: 'ok' });
      expect((await fetch(`${origin}/`)).status).toBe(200);
      expect((await fetch(`${origin}/nothing-here`)).status).toBe(404);
    } finally {
      expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    }
  });

  const SERVERS = [
    ['-http', 'httpPort', 'HTTP on'],
    ['-cborrpc', 'rpcPort', 'CBOR-RPC on'],
  ] as const;
  test.each(some(SERVERS, 1))('%s off leaves out that server', async (flag, port, line) => {
    const daemon = await startDaemon([flag, 'off']);
    try {
      expect(daemon[port]).toBe(0);
      expect(daemon.output()).not.toContain(line);
      expect(daemon.rpcPort + daemon.httpPort).toBeGreaterThan(0);
    } finally {
      expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    }
  });

  test('all interfaces means IPv4 too', async () => {
    const daemon = await startDaemon(['-http', ':0', '-cborrpc', 'off']);
    try {
      expect((await fetch(`http://127.0.0.1:${daemon.httpPort}/healthz`)).status).toBe(200);
    } finally {
      await daemon.stop();
    }
  });

  test('takes its settings from the environment and a file', async () => {
    const settings = file('settings.yaml', 'log-level: debug\nlog-format: json\n');
    const daemon = await startDaemon(['--settings', settings], { env: { COORDINATE_LOG_FORMAT: 'stackdriver' } });
    try {
      expect(daemon.output()).toContain('"severity":"DEBUG"');
    } finally {
      await daemon.stop();
    }
  });
});

describe('a daemon that cannot start', () => {
  test.each(some(['-cborrpc', '-http'], 1))('%s: a port in use is one clear line and status 1', async (flag) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    try {
      const result = await runDaemon(['-cborrpc', '127.0.0.1:0', '-http', '127.0.0.1:0', flag, address]);
      expect(result.code).toBe(1);
      expect(result.stdout).toBe('');
      const service = flag === '-http' ? 'HTTP' : 'CBOR-RPC';
      expect(result.stderr).toBe(`coordinated: ${service} cannot listen on ${address}: the address is in use\n`);
    } finally {
      taken.close();
    }
  });

  test('an address that is not of this machine is one clear line and status 1', async () => {
    const result = await runDaemon(['-cborrpc', 'off', '-http', '192.0.2.1:0']);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toBe('coordinated: HTTP cannot listen on 192.0.2.1:0: this machine has no such address\n');
  });

  test('an unknown or malformed flag is one clear line and status 2', async () => {
    expect(await runDaemon(['-nonsense'])).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: 'coordinated: unknown flag -nonsense (--help shows all flags)\n',
    });
    const malformed = await runDaemon(['-http', 'nowhere']);
    expect(malformed.code).toBe(2);
    expect(malformed.stderr).toMatch(/^coordinated: flag -http: "nowhere" is not an address.*\n$/);
  });

  test('a bad configuration file is one clear line and status 1', async () => {
    const config = file('broken.yaml', 'a: [1\nb: 2\n');
    const result = await runDaemon(['-config', config]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^coordinated: config file .*broken\.yaml: .*\n$/);
    expect(result.stderr.trimEnd()).not.toContain('\n');
  });
});

test('--help and --version go to stdout with status 0', async () => {
  const help = await runDaemon(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('-backend BACKEND');
  expect(await runDaemon(['--version'])).toEqual({
    code: 0,
    signal: null,
    stdout: `coordinated ${version}\n`,
    stderr: '',
  });
});
