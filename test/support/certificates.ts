import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 60 * 60_000;

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface Wanted {
  /** Other names of its subject. */
  readonly names?: JsonGeneralName[];
  /** When it ends, in milliseconds from now. */
  readonly endsIn?: number;
}

/** Makes certificates that those believe who know its own. */
export interface Authority extends Certificate {
  issue(subject: string, wanted?: Wanted): Promise<Certificate>;
}

let serial = 1;

/** @param name - such as `CN=Tests` */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await makeKeys();
  const own = await X509CertificateGenerator.createSelfSigned({
    ...period(),
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    cert: own.toString('pem'),
    key: await keyPem(keys),
    async issue(subject, { names = [], endsIn }: Wanted = {}) {
      const theirs = await makeKeys();
      const issued = await X509CertificateGenerator.create({
        ...period(endsIn),
        subject,
        issuer: name,
        publicKey: theirs.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
      });
      return { cert: issued.toString('pem'), key: await keyPem(theirs) };
    },
  };
}

function period(endsIn = DAY_MS): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  const serialNumber = (serial++).toString(16).padStart(4, '0');
  return { serialNumber, notBefore: new Date(now - 2 * DAY_MS), notAfter: new Date(now + endsIn) };
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function keyPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${bytes.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** What a server is told to use, as files of its own. */
export class CertificateFiles {
  private readonly folder = mkdtempSync(join(tmpdir(), 'coordinate-tls-'));
  readonly cert = join(this.folder, 'cert.pem');
  readonly key = join(this.folder, 'key.pem');
  readonly clientCa = join(this.folder, 'ca.pem');

  put({ cert, key }: Certificate, clientCa?: string): void {
    writeFileSync(this.cert, cert);
    writeFileSync(this.key, key);
    if (clientCa !== undefined) writeFileSync(this.clientCa, clientCa);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
