import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/storage/postgres/opening/migrating.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { sql, statement } from '../../../src/storage/postgres/wire/statement.js';
import { createDatabase } from '../../support/postgres.js';
import { PostgresServer } from '../../support/postgres-server.js';

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

const SESSION = sql(`SELECT s.ssl, s.client_dn, current_user FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()`);

/** Keys that are made in no time. */
const CURVE = ['-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** Certificates made for one run: an authority, another one, the server's for `localhost` only, a client's. */
class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'coordinate-tls-'));

  constructor() {
    this.authority('ca');
    this.authority('other-ca');
    this.signed('server', 'localhost', 'subjectAltName=DNS:localhost');
    this.signed('client', 'certified', 'extendedKeyUsage=clientAuth');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }

  private authority(name: string): void {
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    this.openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      ...CURVE,
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      ...subject,
    );
  }

  private signed(name: string, commonName: string, extension: string): void {
    writeFileSync(this.path(`${name}.ext`), `${extension}\n`);
    const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`];
    this.openssl('req', '-newkey', 'ec', ...CURVE, '-nodes', ...request);
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
    this.openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...by);
  }
}

describe.skipIf(!HAS_OPENSSL)('a PostgreSQL that speaks TLS (needs the program openssl)', () => {
  let certificates: Certificates;
  let server: PostgresServer;

  beforeAll(async () => {
    certificates = new Certificates();
    server = await PostgresServer.create({
      flags: ['ssl=on', 'ssl_cert_file=server.crt', 'ssl_key_file=server.key', 'ssl_ca_file=ca.crt'],
    });
    const data = join(server.home, 'data');
    const { uid, gid } = statSync(data);
    for (const name of ['server.crt', 'server.key', 'ca.crt']) {
      writeFileSync(join(data, name), readFileSync(certificates.path(name)));
      chmodSync(join(data, name), 0o600);
      chownSync(join(data, name), uid, gid);
    }
    // The rules of the server are read from the first on: who is to bring a certificate stands before the trusted ones.
    const rules = join(data, 'pg_hba.conf');
    const trusting = readFileSync(rules, 'utf8');
    writeFileSync(rules, 'hostssl all certified all cert\nhost all certified all reject\n');
    appendFileSync(rules, trusting);
    await server.start();
    await session('localhost', 'sslmode=require', 'postgres', 'CREATE ROLE certified LOGIN SUPERUSER');
  });
  afterAll(async () => {
    await server.remove();
    rmSync(certificates.folder, { recursive: true, force: true });
  });

  const file = (parameter: string, name: string) => `${parameter}=${encodeURIComponent(certificates.path(name))}`;
  const CA = () => file('sslrootcert', 'ca.crt');
  const OTHER_CA = () => file('sslrootcert', 'other-ca.crt');
  const CLIENT = () => `${file('sslcert', 'client.crt')}&${file('sslkey', 'client.key')}`;

  /** Connects as the daemon does. @returns whether the session is encrypted, the client's certificate, its user */
  async function session(host: string, parameters: string, user = 'postgres', command?: string) {
    const options = readPostgresUrl(`postgres://${user}@${host}:${server.port}/postgres?${parameters}`);
    const connection = await connect(options);
    try {
      if (command) await connection.run([statement(sql(command))]);
      const [[row]] = await connection.run([statement(SESSION)]);
      return row;
    } finally {
      await connection.close();
    }
  }

  it.each(['', 'sslmode=prefer', 'sslmode=require'])('is spoken to in TLS, whoever it is: %s', async (parameters) => {
    expect(await session('127.0.0.1', parameters)).toEqual(['t', null, 'postgres']);
  });

  it('is spoken to without TLS where that is asked for', async () => {
    expect(await session('127.0.0.1', 'sslmode=disable')).toEqual(['f', null, 'postgres']);
  });

  it('has to have a certificate of the authority given', async () => {
    expect(await session('127.0.0.1', `sslmode=verify-ca&${CA()}`)).toEqual(['t', null, 'postgres']);
    for (const mode of ['verify-ca', 'verify-full', 'require']) {
      await expect(session('localhost', `sslmode=${mode}&${OTHER_CA()}`)).rejects.toThrow(/certificate/);
    }
    await expect(session('localhost', 'sslmode=verify-full')).rejects.toThrow(/certificate/);
  });

  it('has to be the one that its certificate names, for verify-full', async () => {
    expect(await session('localhost', `sslmode=verify-full&${CA()}`)).toEqual(['t', null, 'postgres']);
    await expect(session('127.0.0.1', `sslmode=verify-full&${CA()}`)).rejects.toThrow(/does not match|altnames/);
  });

  it('may ask for the certificate of the daemon', async () => {
    const verified = `sslmode=verify-full&${CA()}`;
    expect(await session('localhost', `${verified}&${CLIENT()}`, 'certified')).toEqual([
      't',
      '/CN=certified',
      'certified',
    ]);
    await expect(session('localhost', verified, 'certified')).rejects.toThrow(/client certificate/);
    await expect(session('localhost', 'sslmode=disable', 'certified')).rejects.toThrow(/reject/);
  });

  it('is migrated over TLS too', async () => {
    const parameters = `sslmode=verify-full&${CA()}&${CLIENT()}`;
    const options = readPostgresUrl(`postgres://certified@localhost:${server.port}/postgres?${parameters}`);
    const connection = await connect(options);
    try {
      await migrate(connection, options);
      const [rows] = await connection.run([statement(sql('SELECT count(*) FROM coordinate.work_unit'))]);
      expect(rows).toEqual([['0']]);
    } finally {
      await connection.close();
    }
  });

  it('is refused without TLS where TLS is required, and taken as it is where not', async () => {
    const plain = await createDatabase();
    try {
      await expect(connect(readPostgresUrl(`${plain.url}?sslmode=require`))).rejects.toThrow(/SSL/);
      const connection = await connect(readPostgresUrl(plain.url));
      expect(await connection.run([statement(SESSION)])).toEqual([[['f', null, 'postgres']]]);
      await connection.close();
    } finally {
      await plain.drop();
    }
  });
});
