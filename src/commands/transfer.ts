import { Logger } from '@nestjs/common';
import type { Backend } from '../config/backend.js';
import { ConfigError } from '../config/errors.js';
import type { LoadedConfig } from '../config/load.js';
import { Scheduler } from '../domain/scheduler/scheduler.js';
import { createLog } from '../observability/log.js';
import { NestLogger } from '../observability/nest-logger.js';
import type { SnapshotRepository } from '../snapshots/snapshot.repository.js';
import { DirectoryLock } from '../storage/embedded/directory-lock.js';
import { EmbeddedServer, urlOfRunning } from '../storage/embedded/embedded-server.js';
import { knownStateFolder } from '../storage/embedded/state-folder.js';
import { PostgresDatabase } from '../storage/postgres/postgres-database.js';
import { PostgresSnapshotRepository } from '../storage/postgres/postgres-snapshot.repository.js';
import { readPostgresUrl } from '../storage/postgres/opening/postgres-url.js';
import { reportStartError } from '../bootstrap/start-error.js';

const STDERR = 2;

/** The file that a command is about. @throws ConfigError when it names none */
export function fileOf({ action, operands }: LoadedConfig): string {
  const [file] = operands;
  if (file === undefined || file === '') throw new ConfigError(`${action} needs a FILE (--help shows all commands)`, 2);
  return file;
}

/** Does what a command is for. @returns its exit status: 1 or 2 when it failed, which a line on stderr explains */
export async function carryOut(loaded: LoadedConfig, work: () => Promise<void>): Promise<number> {
  const { config } = loaded;
  // What a daemon tells of its storage at the start is of no interest here.
  const level = config.log.level === 'info' ? 'warn' : config.log.level;
  const log = createLog({ ...config.log, level }, STDERR);
  Logger.overrideLogger(new NestLogger(log.logger));
  try {
    await work();
    return 0;
  } catch (error) {
    return reportStartError(error, loaded);
  }
}

/** A backend whose state outlives a daemon. */
export type LastingBackend = Extract<Backend, { kind: 'postgres' | 'embedded' }>;

/** Opens the storage of a backend without a daemon, beside those that use it. */
export async function withStorage<T>(
  backend: LastingBackend,
  use: (snapshots: SnapshotRepository) => Promise<T>,
): Promise<T> {
  if (backend.kind === 'postgres') return withDatabase(backend.url, use);
  const url = await urlOfDaemon(backend.dir);
  if (url !== undefined) return withDatabase(url, use);
  const server = await EmbeddedServer.open(backend.dir, new Logger('Storage'));
  try {
    return await withDatabase(server.url, use);
  } finally {
    await server.close();
  }
}

/** The PostgreSQL that a daemon runs on a folder at this moment. */
async function urlOfDaemon(dir: string): Promise<string | undefined> {
  const folder = knownStateFolder(dir);
  if (folder === undefined || !(await DirectoryLock.isHeld(folder.dir))) return undefined;
  return urlOfRunning(folder);
}

async function withDatabase<T>(url: string, use: (snapshots: SnapshotRepository) => Promise<T>): Promise<T> {
  const database = new PostgresDatabase({ ...readPostgresUrl(url), mayBeReadOnly: true }, new Scheduler(Math.random));
  try {
    await database.opened();
    return await use(new PostgresSnapshotRepository(database.store));
  } finally {
    await database.close();
  }
}
