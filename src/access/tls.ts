import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type Server, type TlsOptions } from 'node:tls';
import { Logger } from '@nestjs/common';
import type { TlsFiles } from '../config/config.js';
import { ConfigError } from '../config/errors.js';

/** How long a handshake may take, in milliseconds. */
const HANDSHAKE_MS = 10_000;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is in the files. */
type Material = Pick<TlsOptions, 'cert' | 'key' | 'ca' | 'minVersion'>;

/** The certificate that both interfaces show, and whose certificates they take. Servers have it anew when it changes. */
export class Tls {
  private readonly logger = new Logger('TLS');
  private readonly servers = new Set<Server>();
  private material: Material;

  /** @throws ConfigError when the files are not right */
  constructor(private readonly files: TlsFiles) {
    this.material = read(files);
  }

  /** What to make a server with. */
  get options(): TlsOptions {
    const { clientCa, client } = this.files;
    return {
      ...this.material,
      requestCert: clientCa !== undefined,
      rejectUnauthorized: clientCa !== undefined && client === 'required',
      handshakeTimeout: HANDSHAKE_MS,
    };
  }

  /** Has a server take over what the files have from now on, at SIGHUP, until it closes. Connections that are open stay as they are. */
  keep(server: Server): void {
    if (this.servers.size === 0) process.on('SIGHUP', this.readAgain);
    this.servers.add(server);
    server.once('close', () => {
      this.servers.delete(server);
      if (this.servers.size === 0) process.off('SIGHUP', this.readAgain);
    });
  }

  private readonly readAgain = (): void => {
    try {
      this.material = read(this.files);
    } catch (error) {
      this.logger.error(`${(error as Error).message}; the certificate stays the one it was`);
      return;
    }
    for (const server of this.servers) server.setSecureContext(this.material);
    this.logger.log(`${this.files.cert} has been read again`);
  };
}

function read({ cert, key, clientCa }: TlsFiles): Material {
  const material = {
    cert: contentOf('-tls-cert', cert),
    key: contentOf('-tls-key', key),
    minVersion: 'TLSv1.2' as const,
    ...(clientCa !== undefined && { ca: authoritiesIn(clientCa) }),
  };
  try {
    // OpenSSL takes a key of another certificate, and then has none to show.
    const isOfCertificate = new X509Certificate(material.cert).checkPrivateKey(createPrivateKey(material.key));
    if (!isOfCertificate) throw new Error('the key is not that of the certificate');
    createSecureContext(material);
  } catch (error) {
    throw new ConfigError(`-tls-cert ${cert}, -tls-key ${key}: ${(error as Error).message}`, 1);
  }
  return material;
}

/** One by one: of a file with something else in it OpenSSL takes what it can, without a word. */
function authoritiesIn(path: string): string[] {
  const blocks = contentOf('-tls-client-ca', path).match(PEM_BLOCK) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    throw new ConfigError(`-tls-client-ca ${path}: ${(error as Error).message}`, 1);
  }
  if (blocks.length === 0) throw new ConfigError(`-tls-client-ca ${path}: there is no certificate in it`, 1);
  return blocks;
}

function contentOf(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${flag} ${path}: ${(error as Error).message}`, 1);
  }
}
