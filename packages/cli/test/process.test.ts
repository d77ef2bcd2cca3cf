import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Coordinate } from 'coordinate-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { CertificateFiles, makeAuthority } from '../../../test/support/certificates.js';
import { startDaemon } from '../../../test/support/daemon.js';
import { shared } from '../../../test/support/shared.js';
import { FakeProcess, type Ran, run } from './io.js';
import { main } from '../src/main.js';
import { startAll } from './started.js';

let url: string;
let folder: string;
let coordinate: Coordinate;
/** The program as it is installed. */
let command: string;

beforeAll(async () => {
  const started = await startAll(['-cborrpc', 'off']);
  ({ url, folder, coordinate } = started);
  command = await shared('/cli');
  return () => started.stop();
});

describe('who reads only the beginning', () => {
  it.each(['--help', 'help spec show', 'spec list --help', 'completion bash', 'spec list', 'unit list s --names'])(
    'of %s sees no error',
    async (words) => {
      await coordinate.spec('s').set();
      await coordinate.spec('s').add(Array.from({ length: 3_000 }, (_, i) => `unit ${i}`));
      // Nobody reads at all: what is written first fails already.
      const script = `(sleep 0.2; "$0" "$1" ${words}; echo $? >&2) | true`;
      const { stderr } = spawnSync('bash', ['-c', script, process.execPath, command], {
        encoding: 'utf8',
        env: { ...process.env, COORDINATE_URL: url },
      });
      expect(stderr).toBe('0\n');
    },
  );

  it('of what does not fit on the disk hears of it', () => {
    const ran = spawnSync('bash', ['-c', '"$0" "$1" --help >/dev/full', process.execPath, command], {
      encoding: 'utf8',
    });
    expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('ENOSPC')]);
  });
});

describe('a daemon that encrypts', () => {
  const files = new CertificateFiles();
  let https: string;
  let rpc: string;

  beforeAll(async () => {
    const authority = await makeAuthority('CN=Tests');
    const own = await authority.issue('CN=daemon', { names: [{ type: 'ip', value: '127.0.0.1' }] });
    files.put(own, authority.cert);
    const daemon = await startDaemon(['-tls-cert', files.cert, '-tls-key', files.key]);
    const portOf = (door: string): string => new RegExp(`${door} on \\S+:(\\d+)`).exec(daemon.output())![1];
    [https, rpc] = [`https://127.0.0.1:${portOf('HTTPS')}`, `127.0.0.1:${portOf('CBOR-RPC over TLS')}`];
    return async () => {
      await daemon.stop();
      files.remove();
    };
  });

  const asked = (argv: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
    run(argv, { env: { COORDINATE_URL: https, ...env } });

  it('is believed by the certificates of a flag, the environment or a profile, and by nothing else', async () => {
    const profiles = join(folder, 'tls.yaml');
    writeFileSync(profiles, `profiles: {own: {ca_file: ${files.clientCa}}}`);
    const other = join(folder, 'other.pem');
    writeFileSync(other, (await makeAuthority('CN=Others')).cert);
    const list = ['namespace', 'list', '--names'];
    expect(await asked([...list, '--ca-file', files.clientCa])).toMatchObject({ status: 0, stderr: '' });
    expect(await asked(list, { COORDINATE_CA_FILE: files.clientCa })).toMatchObject({ status: 0 });
    expect(await asked(['-c', profiles, '--profile', 'own', ...list])).toMatchObject({ status: 0 });
    const flagFirst = await asked([...list, '--ca-file', files.clientCa], { COORDINATE_CA_FILE: other });
    expect(flagFirst).toMatchObject({ status: 0 });
    for (const env of [{}, { COORDINATE_CA_FILE: other }]) {
      const refused = await asked(['-c', profiles, ...list], env as Record<string, string>);
      expect(refused).toMatchObject({
        status: 5,
        stdout: '',
        stderr: expect.stringContaining('certificate') as string,
      });
    }
    expect(await asked([...list, '--ca-file', '/nowhere'])).toMatchObject({ status: 2, stdout: '' });
  });

  it('is measured behind both doors', async () => {
    for (const door of ['rest', 'cborrpc']) {
      const argv = ['bench', '--units', '5', '--door', door, '--rpc', rpc, '--ca-file', files.clientCa, '--json'];
      const ran = await asked(argv);
      expect([ran.stderr, ran.status]).toEqual(['', 0]);
      expect(JSON.parse(ran.stdout)).toMatchObject({ units: 5, door });
    }
  });
});

describe('a terminal', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ TERM: 'dumb' }, false],
  ])('with %j has titles in bold: %s', async (env, isBold) => {
    const fake = new FakeProcess({ XDG_CONFIG_HOME: '/nowhere', COORDINATE_URL: url, ...env });
    fake.stdout.isTTY = true;
    expect(await main(['spec', 'list'], fake)).toBe(0);
    expect(fake.stdout.text.startsWith('\x1b[1mWORK SPEC')).toBe(isBold);
    expect(fake.stdout.text.includes('\x1b')).toBe(isBold);
  });
});
