import type { PostgresOptions } from '../opening/postgres-url.js';

/** Settings of a session by name. */
type Settings = Readonly<Record<string, string>>;

/**
 * Plans that do not depend on statistics: what is right for a million units is chosen while there are none yet. Every
 * statement on the hot paths has one index to go by, and nothing is gained by compiling it.
 */
export const PLANNING: Settings = {
  jit: 'off',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_sort: 'off',
  enable_bitmapscan: 'off',
  // No statement looks up one row twice.
  enable_memoize: 'off',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'on',
  enable_nestloop: 'on',
  plan_cache_mode: 'force_generic_plan',
};

/** What would mean something else, or be written differently, where a role or a database has other defaults. */
const MEANING: Settings = {
  array_nulls: 'on',
  bytea_output: 'hex',
  exit_on_error: 'off',
  extra_float_digits: '1',
  search_path: '"$user",public',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
};

/** The same that a transaction need not be told: its own beginning says so, or it has no part in it. */
const MEANING_OF_SESSION: Settings = {
  client_encoding: 'UTF8',
  client_min_messages: 'warning',
  datestyle: 'ISO',
  default_transaction_isolation: 'read committed',
  from_collapse_limit: '8',
  geqo: 'on',
  join_collapse_limit: '8',
};

/** How long a statement waits for a lock before those that need it are tried apart, in milliseconds. */
const LOCK_TIMEOUT_MS = 1_000;
/** After so many milliseconds the server ends the transaction of a daemon that stands still in the middle of it. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** How the server finds out that a daemon's machine is gone. */
const PEER: Settings = {
  idle_session_timeout: '0',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '20000',
};

function timeouts({ statementTimeoutMs }: PostgresOptions): Settings {
  return {
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(LOCK_TIMEOUT_MS),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
  };
}

/** How long a migration waits for what others hold, in milliseconds: they may migrate themselves, or make a backup. */
export const MIGRATION_LOCK_TIMEOUT_MS = 600_000;

/** What a session is to have. */
export function sessionSettings(options: PostgresOptions): Settings {
  return { ...PLANNING, ...MEANING, ...MEANING_OF_SESSION, ...PEER, ...timeouts(options) };
}

/** The flags of a session, what the URL says among them. */
export function sessionFlags(options: PostgresOptions): string {
  return flags(options.client.options, sessionSettings(options));
}

/** The flags of the sessions that migrate, which take their time. @param lockTimeoutMs - how long they wait for a lock */
export function migrationFlags(options: PostgresOptions, lockTimeoutMs = MIGRATION_LOCK_TIMEOUT_MS): string {
  const timeouts: Settings = {
    statement_timeout: '0',
    lock_timeout: String(lockTimeoutMs),
    idle_in_transaction_session_timeout: '0',
  };
  return flags(options.client.options, { ...MEANING, ...MEANING_OF_SESSION, ...PEER, ...timeouts });
}

function flags(own: string | undefined, settings: Settings): string {
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`);
  return [own, ...ours].filter(Boolean).join(' ');
}

/** What a transaction begins with where a session can't be told for good. */
export function transactionSettings(options: PostgresOptions): string {
  // Nothing is prepared there, of which a plan could be kept.
  const planning = Object.fromEntries(Object.entries(PLANNING).filter(([name]) => name !== 'plan_cache_mode'));
  return `SELECT ${local({ ...planning, ...MEANING, ...timeouts(options) })}`;
}

/** What begins a transaction that takes its time, between its statements as well: a dump, restoring, migrating. */
export const TAKE_TIME = `SELECT ${local({ lock_timeout: '30000', idle_in_transaction_session_timeout: '600000' })}`;

function local(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', true)`)
    .join(', ');
}

/**
 * Settings that not every server has: a statement on which a client waits no longer ends, and a transaction has no other
 * limit. Windows can't see that a client is gone.
 */
export const SET_OPTIONAL = `
  SELECT pg_catalog.set_config(v.name, v.value, false)
  FROM (VALUES ('transaction_timeout', '0'), ('client_connection_check_interval', '2000')) v (name, value)
  WHERE pg_catalog.current_setting(v.name, true) IS NOT NULL
    AND (v.name <> 'client_connection_check_interval' OR pg_catalog.version() !~* 'windows|mingw|visual')`;
