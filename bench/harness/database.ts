import pg from 'pg';
import { PostgresServer } from '../../test/support/postgres-server.js';
import { processTree } from './processes.js';

/** A PostgreSQL server to measure on: the one of a URL, or one that is started and removed again. */
export class Database {
  private made = 0;

  private constructor(
    private readonly base: string,
    private readonly server: PostgresServer | undefined,
  ) {}

  static async open(url: string | undefined): Promise<Database> {
    if (url !== undefined) return new Database(url, undefined);
    const server = await PostgresServer.create();
    await server.start();
    return new Database(server.url(), server);
  }

  /** Makes an empty database. @returns its URL */
  async create(): Promise<string> {
    const name = `bench_${process.pid}_${++this.made}`;
    await this.query(`CREATE DATABASE ${name}`);
    const url = new URL(this.base);
    url.pathname = `/${name}`;
    return url.href;
  }

  async drop(url: string): Promise<void> {
    await this.query(`DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  }

  /** Brings statistics up to date and writes out what is dirty, so that a measurement begins from rest. */
  async settle(url: string): Promise<void> {
    await this.query('VACUUM ANALYZE', url);
    await this.query('CHECKPOINT', url);
  }

  /** How much a database takes on disk, without the log of its changes. */
  async size(url: string): Promise<number> {
    const [row] = await this.query('SELECT pg_database_size(current_database()) AS bytes', url);
    return Number(row.bytes);
  }

  /** Its processes; none when it runs elsewhere. */
  get processes(): number[] {
    return this.server ? processTree(this.server.pid) : [];
  }

  async close(): Promise<void> {
    await this.server?.remove();
  }

  private async query(text: string, url = this.base): Promise<Record<string, string>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, string>>(text);
      return rows;
    } finally {
      await client.end();
    }
  }
}
