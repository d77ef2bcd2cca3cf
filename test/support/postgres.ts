import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../src/storage/postgres/opening/migrating.js';
import type { PostgresOptions } from '../../src/storage/postgres/opening/postgres-url.js';
import { readPostgresUrl } from '../../src/storage/postgres/opening/postgres-url.js';
import { connect } from '../../src/storage/postgres/wire/connecting.js';
import type { PostgresVersion } from './postgres-server.js';
import { shared } from './shared.js';

/** A database of its own on the PostgreSQL of this run. */
export interface TestDatabase {
  readonly url: string;
  /** Runs SQL beside the daemons. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Turns everybody else away, who is connected and who comes; or lets them in again. */
  open(isOpen: boolean): Promise<void>;
  drop(): Promise<void>;
}

export async function createDatabase(version: PostgresVersion = '18'): Promise<TestDatabase> {
  const port = await shared(`/postgres/${version}`);
  return createDatabaseOn(`postgres://postgres@127.0.0.1:${port}/postgres`);
}

/** Brings a database to the schema of this version. @returns how to connect to it */
export async function migrateDatabase({ url }: TestDatabase): Promise<PostgresOptions> {
  const options = readPostgresUrl(url);
  const connection = await connect(options);
  await migrate(connection, options);
  await connection.close();
  return options;
}

/** @param server - URL of a database of it, from which others can be made */
export async function createDatabaseOn(server: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = server.replace(/\/postgres(?=\?|$)/, `/${name}`);
  await run(server, `CREATE DATABASE ${name}`);
  const client = new pg.Client(url);
  await client.connect();
  return {
    url,
    query: async (text, values) => (await client.query<Record<string, unknown>>(text, values)).rows,
    open: async (isOpen) => {
      await run(server, `ALTER DATABASE ${name} ALLOW_CONNECTIONS ${isOpen}`);
      if (isOpen) return;
      await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    },
    drop: async () => {
      await client.end();
      await run(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function run(url: string, text: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}
