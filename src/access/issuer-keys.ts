import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { IssuerAwayError } from './errors.js';

/** How long keys are used before it is looked whether there are others, and how often that is looked at most, in milliseconds. */
const FRESH_MS = 10 * 60_000;
const LOOK_MS = 60_000;
/** The same while there are none. */
const FIRST_LOOK_MS = 2_000;
/** How long the issuer may take to answer, in milliseconds, and how much it may say. */
const ANSWER_MS = 5_000;
const MAX_BYTES = 1024 * 1024;

/** Where an issuer's keys are. */
export interface KeySource {
  readonly issuer: string;
  /** URL or file of the keys; undefined: the issuer says where. */
  readonly jwks: string | undefined;
}

/**
 * The public keys of an issuer. While it is away those that were had last are used, for what it signs; one that is not among them has
 * the keys looked for again, at most once a minute, so that made-up ones make no requests.
 */
export class IssuerKeys {
  private keys: JWTVerifyGetKey | undefined;
  private gotAt = -Infinity;
  private lookedAt = -Infinity;
  private looking: Promise<void> | undefined;

  /** @param clock - tells milliseconds @param onTrouble - is told why keys cannot be had */
  constructor(
    private readonly source: KeySource,
    private readonly onTrouble: (reason: string) => void,
    private readonly clock = () => performance.now(),
  ) {}

  /** For jose: the key that a token names. @throws IssuerAwayError, JWKSNoMatchingKey */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    if (this.keys === undefined) await this.look();
    // Nobody waits for what may only be newer.
    else if (this.clock() - this.gotAt > FRESH_MS) void this.look();
    try {
      return await this.known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.look();
      return await this.known(header, token);
    }
  };

  private known(...of: Parameters<JWTVerifyGetKey>): ReturnType<JWTVerifyGetKey> {
    if (this.keys === undefined) throw new IssuerAwayError();
    return this.keys(...of);
  }

  /** Looks for the keys, unless that was done a moment ago. */
  private look(): Promise<void> | undefined {
    if (this.looking !== undefined) return this.looking;
    const patience = this.keys === undefined ? FIRST_LOOK_MS : LOOK_MS;
    if (this.clock() - this.lookedAt < patience) return undefined;
    this.lookedAt = this.clock();
    const done = this.take().finally(() => (this.looking = undefined));
    return (this.looking = done);
  }

  private async take(): Promise<void> {
    try {
      this.keys = createLocalJWKSet((await keysAt(this.source)) as JSONWebKeySet);
      this.gotAt = this.clock();
    } catch (error) {
      this.onTrouble(error instanceof Error ? error.message : String(error));
    }
  }
}

async function keysAt({ issuer, jwks }: KeySource): Promise<unknown> {
  if (jwks !== undefined) return isUrl(jwks) ? fetchJson(jwks) : JSON.parse(await readFile(jwks, 'utf8'));
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = (await fetchJson(url)) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (found?.issuer !== issuer) throw new Error(`${url} is of another issuer`);
  if (typeof found.jwks_uri !== 'string' || !isUrl(found.jwks_uri)) throw new Error(`${url} has no jwks_uri`);
  return fetchJson(found.jwks_uri);
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) }).catch(
    (error: Error) => {
      throw new Error(`${url}: ${(error.cause as Error | undefined)?.message ?? error.message}`);
    },
  );
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_BYTES) throw new Error(`${url} says more than ${MAX_BYTES} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
