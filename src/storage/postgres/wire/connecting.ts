import type pg from 'pg';
import type { PostgresOptions } from '../postgres-url.js';
import { Connection } from './connection.js';
import { unavailable } from './failures.js';

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

/** Opens a connection. @throws the error of the driver */
export async function connect(options: PostgresOptions): Promise<Connection> {
  const { client, tlsIfPossible, pooled } = options;
  const config = pooled ? client : { ...client, ...sessionOptions(options) };
  try {
    return await Connection.open(config, { prepared: !pooled, local: pooled ? localSettings(options) : undefined });
  } catch (error) {
    const hasNoTls = tlsIfPossible && /does not support SSL/.test((error as Error).message);
    if (!hasNoTls) throw error;
    return Connection.open(
      { ...config, ssl: false },
      { prepared: !pooled, local: pooled ? localSettings(options) : undefined },
    );
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

/** SQLSTATEs and codes of the system after which a database may be there a little later. */
const PASSING = new Set([
  '57P03',
  '53300',
  '08001',
  '08006',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOENT',
  'EAI_AGAIN',
]);

/** Whether it makes sense to try again. */
export function isPassing(error: unknown): boolean {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: unknown[] };
  if (errors?.length) return errors.some(isPassing);
  return (code !== undefined && PASSING.has(code)) || /timeout|terminated unexpectedly/i.test(message ?? '');
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** Connects, trying again with growing pauses for as long as it makes sense and `patienceMs` lasts. */
export async function connectPatiently(
  options: PostgresOptions,
  patienceMs: number,
  isWanted: () => boolean,
): Promise<Connection> {
  const deadline = Date.now() + patienceMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await connect(options);
    } catch (error) {
      if (!isPassing(error) || Date.now() + pause > deadline || !isWanted()) throw unavailable(error);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
