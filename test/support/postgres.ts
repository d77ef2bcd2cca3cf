import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { PostgresVersion } from './postgres-server.js';

/** A database of its own on the PostgreSQL of this run. */
export interface TestDatabase {
  readonly url: string;
  /** Runs SQL beside the daemons. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export async function createDatabase(version: PostgresVersion = '18'): Promise<TestDatabase> {
  const port = await (await fetch(`${inject('postgresBroker')}/${version}`)).text();
  if (!/^\d+$/.test(port)) throw new Error(port);
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = `postgres://postgres@127.0.0.1:${port}`;
  await run(`${server}/postgres`, `CREATE DATABASE ${name}`);
  const client = new pg.Client(`${server}/${name}`);
  await client.connect();
  return {
    url: `${server}/${name}`,
    query: async (text, values) => (await client.query<Record<string, unknown>>(text, values)).rows,
    drop: async () => {
      await client.end();
      await run(`${server}/postgres`, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function run(url: string, text: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}
