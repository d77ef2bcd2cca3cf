import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/errors.js';
import { readYamlFile } from '../config/yaml-file.js';
import { MILLISECOND } from '../domain/time.js';
import { namesCertificate } from './certificate.js';
import { fieldsOf, type Grant, grantsOf, Mistake, workersOf } from './grants.js';
import type { Identity } from './identity.js';
import { GrantedRights } from './rights.js';
import { hashOfToken } from './token.js';

/** A caller as a file has it. */
export interface CallerEntry {
  readonly identity: Identity;
  /** SHA-256 of its token, in hexadecimal; undefined: it has none, and is somebody by -rpc-caller alone. */
  readonly tokenHash: string | undefined;
  /** What its client certificate is named by, such as `CN=ci`; undefined: it has none. */
  readonly certificate: string | undefined;
  /** What tokens of the issuer say of it, by claim; undefined: it is not known by that. */
  readonly claim: Readonly<Record<string, string>> | undefined;
  /** The file that its token is in, if it is in one. */
  readonly tokenFile: string | undefined;
  /** What it may do, as the file has it. */
  readonly grants: readonly Grant[];
  /** All that the file says of it: two that have the same are the same. */
  readonly text: string;
}

const KEYS = ['name', 'token_sha256', 'token_file', 'certificate', 'claim', 'rights', 'workers', 'expires'];
/** Shorter ones can be guessed. */
const LEAST_TOKEN_CHARS = 20;

/**
 * Reads the file of -auth-tokens: `callers: [{name, token_sha256 | token_file, certificate, claim, rights: {NAMESPACE: [RIGHT, …]}, workers, expires}]`.
 * @throws ConfigError that names the place of what is wrong
 */
export function readCallersFile(path: string): CallerEntry[] {
  const read = readYamlFile('-auth-tokens', path, {}, {});
  try {
    const { callers } = fieldsOf('', read, ['callers']);
    if (!Array.isArray(callers)) throw new Mistake('callers must be a list');
    const entries = callers.map((caller, index) => entryOf(`callers[${index}]`, caller));
    refuseTwice(entries, 'name', ({ identity }) => identity.name);
    refuseTwice(entries, 'token', ({ tokenHash }) => tokenHash);
    refuseTwice(entries, 'certificate', ({ certificate }) => certificate);
    return entries;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    throw new ConfigError(`-auth-tokens ${path}: ${error.message}`, 1);
  }
}

function entryOf(at: string, value: unknown): CallerEntry {
  const fields = fieldsOf(`${at}.`, value, KEYS);
  const { name, token_sha256, token_file, rights, workers: prefix, expires } = fields;
  if (typeof name !== 'string' || name === '') throw new Mistake(`${at}.name must be a text that is not empty`);
  if (token_sha256 !== undefined && token_file !== undefined) {
    throw new Mistake(`${at} has both token_sha256 and token_file`);
  }
  const tokenHash = token_file === undefined ? hashIn(at, token_sha256) : hashOfFile(at, token_file);
  const grants = grantsOf(`${at}.rights`, rights);
  const workers = workersOf(`${at}.workers`, prefix, grants);
  const identity = { name, rights: new GrantedRights(grants), workers, expires: timeOf(`${at}.expires`, expires) };
  const certificate = certificateIn(`${at}.certificate`, fields.certificate);
  const claim = claimIn(`${at}.claim`, fields.claim);
  if (claim !== undefined && workers !== undefined) throw new Mistake(`${at} has both workers and claim`);
  const text = JSON.stringify([name, tokenHash, certificate, claim, grants, workers, identity.expires]);
  const tokenFile = typeof fields.token_file === 'string' ? fields.token_file : undefined;
  return { identity, tokenHash, tokenFile, certificate, claim, grants, text };
}

function claimIn(at: string, value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined;
  const claims = Object.entries(fieldsOf(`${at}.`, value));
  if (claims.length === 0) throw new Mistake(`${at} must have a claim`);
  for (const [name, text] of claims) {
    if (typeof text !== 'string') throw new Mistake(`${at}.${name} must be a text`);
  }
  return Object.fromEntries(claims) as Record<string, string>;
}

function certificateIn(at: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !namesCertificate(value)) {
    throw new Mistake(`${at} must be CN=…, or a name of its subject: DNS:…, URI:…, email:… or IP Address:…`);
  }
  return value;
}

function hashIn(at: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/i.test(value)) {
    throw new Mistake(`${at}.token_sha256 must be 64 hexadecimal digits`);
  }
  return value.toLowerCase();
}

function hashOfFile(at: string, path: unknown): string {
  if (typeof path !== 'string') throw new Mistake(`${at}.token_file must be the name of a file`);
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Mistake(`${at}.token_file: ${(error as Error).message}`);
  }
  if (token.length < LEAST_TOKEN_CHARS) {
    throw new Mistake(`${at}.token_file ${path} has a token of fewer than ${LEAST_TOKEN_CHARS} characters`);
  }
  return hashOfToken(token);
}

function timeOf(at: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const time =
    typeof value === 'string' && /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time))
    throw new Mistake(`${at} must be a date, or a time with its zone, such as 2027-01-31T12:00:00Z`);
  return time * MILLISECOND;
}

function refuseTwice(
  entries: readonly CallerEntry[],
  what: string,
  of: (entry: CallerEntry) => string | undefined,
): void {
  const seen = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const value = of(entry);
    if (value === undefined) continue;
    const before = seen.get(value);
    if (before !== undefined) throw new Mistake(`callers[${index}] has the same ${what} as callers[${before}]`);
    seen.set(value, index);
  }
}
