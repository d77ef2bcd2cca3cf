import type { DataSource } from 'typeorm';
import { dataSourceOptions, SCHEMA, SchemaDataSource } from './data-source.js';
import type { PostgresOptions } from './postgres-url.js';
import type { Connection } from './wire/connection.js';
import { SET_OPTIONAL } from './wire/session-settings.js';
import { COMMIT, ROLLBACK, sql, statement } from './wire/statement.js';

/** Made by the historic Go daemon in the same database; not ours to touch. */
const GO_TABLES = ['namespace', 'work_spec', 'work_unit', 'attempt', 'worker'];

/** Any number that other programs are unlikely to lock. Until the transaction ends, which a pooler leaves in peace. */
const LOCK = sql(`SELECT pg_advisory_xact_lock(7165056121480012)`);

/** Others may migrate for long, and this session says nothing while its own migration is under way. */
const LET_IT_TAKE_TIME = sql(`
  SELECT set_config('lock_timeout', '600000', true), set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)`);

const GO_TABLES_PRESENT = sql(`
  SELECT string_agg(t.table_name, ', ' ORDER BY t.table_name) FROM information_schema.tables t
  WHERE t.table_schema = 'public' AND t.table_name = ANY(string_to_array($1::text, ','))`);

/**
 * Creates the schema or brings it up to this version. Of several daemons that start at once one does it and the others
 * wait.
 * @returns the tables of a historic daemon that are there too, in words, or undefined
 * @throws Error in one line, when the schema is of a later version
 */
export async function migrate(connection: Connection, options: PostgresOptions): Promise<string | undefined> {
  await connection.begin([statement(LET_IT_TAKE_TIME), statement(LOCK)]);
  try {
    const source = new SchemaDataSource(dataSourceOptions(options, connection.usesTls));
    await source.initialize();
    try {
      // Of its two connections the one that is idle now is the one that migrates.
      if (!options.pooled) await source.query(SET_OPTIONAL);
      await refuseLater(source);
      await source.runMigrations({ transaction: 'all' });
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
