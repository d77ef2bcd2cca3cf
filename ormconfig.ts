import 'reflect-metadata';
import { ConfigError } from './src/config/errors.js';
import { loadConfig } from './src/config/load.js';
import { dataSourceOptions, SchemaDataSource } from './src/storage/postgres/opening/data-source.js';
import { readPostgresUrl } from './src/storage/postgres/opening/postgres-url.js';

/** The database of TypeORM's CLI: the one that COORDINATE_BACKEND names, as for the daemon. */
const loaded = loadConfig([]);
if (loaded.action !== 'start' || loaded.config.backend.kind !== 'postgres') {
  throw new ConfigError('COORDINATE_BACKEND must be a postgres: URL', 2);
}
const options = readPostgresUrl(loaded.config.backend.url);

export default new SchemaDataSource(dataSourceOptions(options, !options.tlsIfPossible && options.client.ssl !== false));
