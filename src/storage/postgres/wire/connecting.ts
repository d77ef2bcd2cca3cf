import type pg from 'pg';
import type { StorageUnavailableError } from '../../../domain/errors.js';
import type { PostgresOptions } from '../postgres-url.js';
import type { StatementOptions } from './connection.js';
import { Connection } from './connection.js';
import { isPassing, unavailable } from './failures.js';
import { Patience } from './patience.js';

/**
 * Plans that do not depend on statistics: what is right for a million units is chosen while there are none yet. Every
 * statement on the hot paths has one index to go by, and nothing is gained by compiling it.
 */
export const PLANNING: Readonly<Record<string, string>> = {
  jit: 'off',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_sort: 'off',
  enable_bitmapscan: 'off',
  plan_cache_mode: 'force_generic_plan',
};

/** What a statement that no client waits for may take longer than others where its time has no limit. */
const LASTING_MS = 600_000;

/** Opens a connection. @throws the error of the driver */
export async function connect(
  options: PostgresOptions,
  patience = new Patience(options.requestTimeoutMs),
  failed?: StatementOptions['failed'],
): Promise<Connection> {
  const { client, tlsIfPossible, pooled, statementTimeoutMs } = options;
  const config = pooled ? client : { ...client, ...sessionOptions(options) };
  const how = {
    prepared: !pooled,
    local: pooled ? localSettings(options) : undefined,
    patience,
    lastingMs: statementTimeoutMs || LASTING_MS,
    failed,
  };
  try {
    return await Connection.open(config, how);
  } catch (error) {
    const hasNoTls = tlsIfPossible && /does not support SSL/.test((error as Error).message);
    if (!hasNoTls) throw error;
    return Connection.open({ ...config, ssl: false }, how);
  }
}

function settings({ statementTimeoutMs }: PostgresOptions): Readonly<Record<string, string>> {
  return { ...PLANNING, statement_timeout: String(statementTimeoutMs) };
}

function sessionOptions(options: PostgresOptions): pg.ClientConfig {
  const ours = Object.entries(settings(options)).map(([name, value]) => `-c ${name}=${value}`);
  return { options: [options.client.options, ...ours].filter(Boolean).join(' ') };
}

/** What a transaction begins with where a session can't be told for good. */
function localSettings(options: PostgresOptions): string {
  const calls = Object.entries(settings(options))
    .filter(([name]) => name !== 'plan_cache_mode')
    .map(([name, value]) => `set_config('${name}', '${value}', true)`);
  return `SELECT ${calls.join(', ')}`;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** How to go on trying to connect. */
export interface Persistence {
  /** How long, in milliseconds. */
  readonly forMs: number;
  /** Whether a connection is still wanted. */
  isWanted(): boolean;
  /** Is told why a try failed. */
  failed(error: StorageUnavailableError): void;
}

/** Opens a connection by `open`, trying again with growing pauses for as long as it makes sense. */
export async function persistently(
  open: () => Promise<Connection>,
  { forMs, isWanted, failed }: Persistence,
): Promise<Connection> {
  const deadline = Date.now() + forMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await open();
    } catch (error) {
      const answer = unavailable(error);
      failed(answer);
      if (!isPassing(error) || Date.now() + pause > deadline || !isWanted()) throw answer;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
