import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';
import { ValueError } from '../../../config/errors.js';
import type { StoreSizes } from '../postgres-store.js';
import { DEFAULT_SIZES } from '../postgres-store.js';
import { sessionName } from './registration.js';
import { DEFAULT_REQUEST_TIMEOUT_MS } from '../wire/patience.js';

/** How to reach a database, and how to speak with it. */
export interface PostgresOptions {
  readonly client: pg.ClientConfig;
  /** Whether to do without TLS where the server has none. */
  readonly tlsIfPossible: boolean;
  /** Whether a pooler in transaction mode is in between: nothing may be kept in a session then. */
  readonly pooled: boolean;
  /** Longest that a statement may take, in milliseconds; 0 = no limit. */
  readonly statementTimeoutMs: number;
  /** How long a request waits for the database, in milliseconds; 0 = for ever. */
  readonly requestTimeoutMs: number;
  /** How long to wait at the start for a database that is not there yet, in milliseconds. */
  readonly startupWaitMs: number;
  readonly sizes: StoreSizes;
  /** Whether a database that can only be read will do. */
  readonly mayBeReadOnly?: boolean;
}

const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000;
const DEFAULT_STARTUP_WAIT_MS = 15_000;
const CONNECT_TIMEOUT_S = 10;
/** After so long without a word the system asks whether the other end is there. */
const KEEP_ALIVE_MS = 10_000;

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * Reads a connection URL. Of libpq's parameters: sslmode (meaning what it means to libpq), sslrootcert, sslcert, sslkey,
 * connect_timeout, application_name, options. Of our own: `pool_size` (connections besides the three that carry the
 * work), `request_timeout`, `statement_timeout` and `startup_wait` (seconds), `pgbouncer=true`.
 *
 * @throws ValueError when a parameter is not understood, Error in one line when a file can't be read
 */
export function readPostgresUrl(text: string): PostgresOptions {
  const url = new URL(text);
  const parameters = new Map(url.searchParams);
  const take = (name: string): string | undefined => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value;
  };
  const sslmode = take('sslmode') ?? 'prefer';
  if (!SSL_MODES.includes(sslmode)) throw new ValueError(`sslmode is none of ${SSL_MODES.join(', ')}`);
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const ssl = tlsOptions(sslmode, take('sslrootcert'), take('sslcert'), take('sslkey'));
  const pooled = take('pgbouncer') === 'true';
  const statementTimeoutMs = seconds('statement_timeout', take('statement_timeout'), DEFAULT_STATEMENT_TIMEOUT_MS);
  const options: PostgresOptions = {
    client: {
      host,
      port: Number(url.port || 5432),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password) || undefined,
      database: decodeURIComponent(url.pathname.slice(1)),
      ssl: host.startsWith('/') ? false : ssl,
      connectionTimeoutMillis: seconds('connect_timeout', take('connect_timeout'), CONNECT_TIMEOUT_S * 1000),
      application_name: sessionName(take('application_name')),
      options: take('options'),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    },
    tlsIfPossible: sslmode === 'prefer' || sslmode === 'allow',
    pooled,
    statementTimeoutMs,
    requestTimeoutMs: seconds('request_timeout', take('request_timeout'), DEFAULT_REQUEST_TIMEOUT_MS),
    startupWaitMs: seconds('startup_wait', take('startup_wait'), DEFAULT_STARTUP_WAIT_MS),
    sizes: { ...DEFAULT_SIZES, pool: count('pool_size', take('pool_size'), DEFAULT_SIZES.pool) },
  };
  const [unknown] = parameters.keys();
  if (unknown !== undefined) throw new ValueError(`unknown parameter ${JSON.stringify(unknown)}`);
  return options;
}

function tlsOptions(
  sslmode: string,
  rootCertificate: string | undefined,
  certificate: string | undefined,
  key: string | undefined,
): ConnectionOptions | false {
  if (sslmode === 'disable') return false;
  const ca = read('sslrootcert', rootCertificate);
  if (sslmode === 'verify-ca' && ca === undefined) throw new ValueError('sslmode verify-ca needs sslrootcert');
  const verifies = sslmode.startsWith('verify') || (sslmode === 'require' && ca !== undefined);
  return {
    ca,
    cert: read('sslcert', certificate),
    key: read('sslkey', key),
    rejectUnauthorized: verifies,
    // The chain is verified all the same; only whose certificate it is does not matter.
    ...(sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

function read(parameter: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`PostgreSQL URL: ${parameter}: ${(error as Error).message}`, { cause: error });
  }
}

/** Seconds as milliseconds. */
function seconds(parameter: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new ValueError(`${parameter} is not a number of seconds`);
  return Math.round(value * 1000);
}

function count(parameter: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text) || Number(text) < 1) throw new ValueError(`${parameter} is not a number above 0`);
  return Number(text);
}
