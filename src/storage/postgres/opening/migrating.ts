import type { DataSource } from 'typeorm';
import { dataSourceOptions, SCHEMA, SchemaDataSource } from './data-source.js';
import type { Telling } from './holders.js';
import { Waiting } from './holders.js';
import type { PostgresOptions } from './postgres-url.js';
import { HOLDERS_BEFORE, HOLDERS_OF_MIGRATION_LOCK, OWN_PID, TRY_MIGRATION_LOCK } from '../sql/holders.sql.js';
import type { Connection } from '../wire/connection.js';
import { MIGRATION_LOCK_TIMEOUT_MS, SET_OPTIONAL } from '../wire/session-settings.js';
import { COMMIT, ROLLBACK, sql, statement } from '../wire/statement.js';

/** Made by the historic Go daemon in the same database; not ours to touch. */
const GO_TABLES = ['namespace', 'work_spec', 'work_unit', 'attempt', 'worker'];

/** This session says nothing for long while the migration is under way on another. */
const LET_IT_TAKE_TIME = sql(`
  SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`);

const GO_TABLES_PRESENT = sql(`
  SELECT string_agg(t.table_name, ', ' ORDER BY t.table_name) FROM information_schema.tables t
  WHERE t.table_schema = 'public' AND t.table_name = ANY(string_to_array($1::text, ','))`);

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** SQLSTATE of a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/** How a migration waits for others. */
export interface Patient {
  /** Is told whom it waits for, in a line. */
  readonly tell?: (line: string) => void;
  /** Whether the daemon still wants to start. */
  readonly isWanted?: () => boolean;
  /** How long it waits, in milliseconds. */
  readonly waitMs?: number;
}

/**
 * Creates the schema or brings it up to this version. Of several daemons that start at once one does it and the others
 * wait.
 * @returns the tables of a historic daemon that are there too, in words, or undefined
 * @throws Error in one line, when the schema is of a later version, or when others held for too long what it needs: it says who
 */
export async function migrate(
  connection: Connection,
  options: PostgresOptions,
  patient: Patient = {},
): Promise<string | undefined> {
  await takeLock(connection, patient);
  try {
    const source = new SchemaDataSource(dataSourceOptions(options, connection.usesTls, patient.waitMs));
    await source.initialize();
    try {
      // Of its two connections the one that is idle now is the one that migrates.
      if (!options.pooled) await source.query(SET_OPTIONAL);
      await refuseLater(source);
      await carryOut(source, connection, patient);
    } finally {
      await source.destroy();
    }
    const [[[present]]] = await connection.run([statement(GO_TABLES_PRESENT, GO_TABLES.join(','))]);
    await connection.run([COMMIT]);
    return present ?? undefined;
  } catch (error) {
    if (!connection.isBroken) await connection.run([ROLLBACK]);
    throw error;
  }
}

/**
 * Begins a transaction that holds the lock of those who migrate. It is asked for again and again rather than waited for: so
 * this session can look who holds it, and is not itself one that waits for an answer.
 */
async function takeLock(connection: Connection, { tell, isWanted, waitMs }: Patient): Promise<void> {
  const waiting = new Waiting(telling('another session to end its migration'), (line) => tell?.(line));
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const [, [[isOurs]]] = await connection.begin([statement(LET_IT_TAKE_TIME), statement(TRY_MIGRATION_LOCK)]);
    if (isOurs === 't') return;
    const [holders] = await connection.run([statement(HOLDERS_OF_MIGRATION_LOCK), ROLLBACK]);
    waiting.see(holders);
    if (waiting.lasts >= (waitMs ?? MIGRATION_LOCK_TIMEOUT_MS)) throw new Error(waiting.inVain);
    if (isWanted?.() === false) throw new Error('it is to end before it has begun');
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Runs the migrations. Meanwhile the session that holds the lock looks whom the one that migrates waits for. */
async function carryOut(source: DataSource, lookout: Connection, { tell }: Patient): Promise<void> {
  const [{ pg_backend_pid: pid }] = await source.query<{ pg_backend_pid: number }[]>(OWN_PID.text);
  const waiting = new Waiting(telling('a lock that the migration needs'), (line) => tell?.(line));
  let isOver = false;
  const running = source.runMigrations({ transaction: 'all' }).finally(() => (isOver = true));
  const settled = running.then(
    () => undefined,
    () => undefined,
  );
  while (!isOver) {
    await soonerOf(settled, LONGEST_PAUSE_MS);
    if (!isOver) waiting.see((await lookout.run([statement(HOLDERS_BEFORE, pid)]))[0]);
  }
  try {
    await running;
  } catch (error) {
    throw (error as { code?: string }).code === LOCK_NOT_AVAILABLE
      ? new Error(waiting.inVain, { cause: error })
      : error;
  }
}

function telling(what: string): Telling {
  return { what, firstMs: 1_000, againMs: 60_000 };
}

async function soonerOf(settled: Promise<undefined>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([settled, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

async function refuseLater(source: DataSource): Promise<void> {
  const known = new Set(source.migrations.map(({ name, constructor }) => name ?? constructor.name));
  const [{ exists }] = await source.query<{ exists: boolean }[]>(
    `SELECT to_regclass('${SCHEMA}.migration') IS NOT NULL AS exists`,
  );
  if (!exists) return;
  const done = await source.query<{ name: string }[]>(`SELECT name FROM ${SCHEMA}.migration ORDER BY id`);
  const later = done.filter(({ name }) => !known.has(name));
  if (later.length === 0) return;
  const names = later.map(({ name }) => name).join(', ');
  throw new Error(`the database is of a later version of Coordinate (it has ${names}): start that version`);
}
