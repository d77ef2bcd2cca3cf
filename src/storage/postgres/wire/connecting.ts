import type { StorageUnavailableError } from '../../../domain/errors.js';
import type { PostgresOptions } from '../opening/postgres-url.js';
import type { StatementOptions } from './connection.js';
import { Connection } from './connection.js';
import { isPassing, unavailable } from './failures.js';
import { Patience } from './patience.js';
import { sessionFlags, SET_OPTIONAL, transactionSettings } from './session-settings.js';
import { sql, statement } from './statement.js';

/** What a statement that no client waits for may take longer than others where its time has no limit. */
const LASTING_MS = 600_000;
/** What the driver says, without a code, where the server has no TLS. */
const NO_TLS = 'The server does not support SSL connections';

/** Opens a connection. @throws the error of the driver */
export async function connect(
  options: PostgresOptions,
  patience = new Patience(options.requestTimeoutMs),
  failed?: StatementOptions['failed'],
): Promise<Connection> {
  const { client, tlsIfPossible, pooled, statementTimeoutMs } = options;
  const config = pooled ? client : { ...client, options: sessionFlags(options) };
  const how = {
    prepared: !pooled,
    local: pooled ? transactionSettings(options) : undefined,
    patience,
    lastingMs: statementTimeoutMs || LASTING_MS,
    failed,
  };
  let connection: Connection;
  try {
    connection = await Connection.open(config, how);
  } catch (error) {
    const hasNoTls = tlsIfPossible && (error as Error).message === NO_TLS;
    if (!hasNoTls) throw error;
    connection = await Connection.open({ ...config, ssl: false }, how);
  }
  return pooled ? connection : prepare(connection);
}

const SET_WHAT_IS_KNOWN = sql(SET_OPTIONAL);

/** Tells a session what is not known to every server. One that does not take it is used as it is. */
async function prepare(connection: Connection): Promise<Connection> {
  try {
    await connection.probe(statement(SET_WHAT_IS_KNOWN));
  } catch (error) {
    if (connection.isBroken) throw error;
  }
  return connection;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** How to go on trying to connect. */
export interface Persistence {
  /** How long, in milliseconds. */
  readonly forMs: number;
  /** Whether a connection is still wanted. */
  readonly isWanted: () => boolean;
  /** Is told why a try failed. */
  readonly failed: (error: StorageUnavailableError) => void;
}

/** Opens a connection by `open`, trying again with growing pauses for as long as it makes sense. */
export async function persistently(
  open: () => Promise<Connection>,
  { forMs, isWanted, failed }: Persistence,
): Promise<Connection> {
  const deadline = Date.now() + forMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await open();
    } catch (error) {
      const answer = unavailable(error);
      failed(answer);
      if (!isPassing(error) || Date.now() + pause > deadline || !isWanted()) throw answer;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
