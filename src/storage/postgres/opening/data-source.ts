import type { TlsOptions } from 'node:tls';
import type { DataSourceOptions } from 'typeorm';
import { DataSource } from 'typeorm';
import { ENTITIES } from '../entities/index.js';
import { MIGRATIONS } from '../migrations/index.js';
import type { PostgresOptions } from './postgres-url.js';
import { migrationFlags } from '../wire/session-settings.js';

/** The schema that all tables are in. */
export const SCHEMA = 'coordinate';

/**
 * How TypeORM sees the database: for the migrations, which the daemon carries out at its start, and for its CLI.
 * @param lockTimeoutMs - how long a migration waits for what others hold, where that is not as usual
 */
export function dataSourceOptions(
  options: PostgresOptions,
  usesTls: boolean,
  lockTimeoutMs?: number,
): DataSourceOptions {
  const { client, pooled } = options;
  const { host, port, user, password, database, ssl, connectionTimeoutMillis, application_name } = client;
  return {
    type: 'postgres',
    host,
    port,
    username: user,
    password: password as string | undefined,
    database,
    ssl: usesTls && (ssl as TlsOptions),
    schema: SCHEMA,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    installExtensions: false,
    applicationName: application_name,
    extra: { max: 2, connectionTimeoutMillis, ...(pooled ? {} : { options: migrationFlags(options, lockTimeoutMs) }) },
  };
}

/** A DataSource that makes its schema where it is missing: TypeORM's own table of migrations is to be in it. */
export class SchemaDataSource extends DataSource {
  override async initialize(): Promise<this> {
    await super.initialize();
    // Looked up first, for a user who may not make schemas may still use one that is there.
    const [found] = await this.query<{ exists: boolean }[]>(
      `SELECT to_regnamespace('${SCHEMA}') IS NOT NULL AS exists`,
    );
    if (!found.exists) await this.query(`CREATE SCHEMA ${SCHEMA}`);
    return this;
  }
}
