import { InvalidValueError } from '../../../domain/errors.js';
import type { Connection } from '../wire/connection.js';
import type { ConnectionPool, Run } from '../wire/connection-pool.js';
import type { Row, Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { THIS_PROCESS } from '../../this-process.js';
import { MIGRATIONS } from '../migrations/index.js';
import { FIND_IGNORANT, FORGET_DAEMON, FORGET_DAEMONS, SIGN_DAEMON } from '../sql/daemons.sql.js';

// Daemons of several versions may be at work on one database. What one of them does not know of must not be asked of it.

/** What this version knows that some before it did not. */
const KNOWN = ['flow', 'cancel'];

/** What the sessions of daemons are called whose URL says nothing else. */
const USUAL_NAME = 'coordinated';
/** The server cuts longer names. */
const MOST_CHARS = 63;
/** Between what the URL says and the id of the daemon. */
const MARK = '#';

/** What the sessions of this daemon are called: by it others find what it knows. @param name - what the URL says */
export function sessionName(name = USUAL_NAME): string {
  const mark = MARK + THIS_PROCESS.id;
  return name.slice(0, MOST_CHARS - mark.length) + mark;
}

/** Says in the database what this daemon is, and what it knows. */
export async function register(connection: Connection): Promise<void> {
  await connection.runAlone(statement(FORGET_DAEMONS));
  await connection.runAlone(signOfLife());
}

/** Says there that this daemon is alive. */
export function signOfLife(): Statement {
  const { id, version, host, pid } = THIS_PROCESS;
  return statement(SIGN_DAEMON, id, version, `{${KNOWN.join(',')}}`, host, pid, MIGRATIONS.at(-1)!.name);
}

/** Says there that it has ended. */
export function endOfLife(): Statement {
  return statement(FORGET_DAEMON, THIS_PROCESS.id);
}

/**
 * A work spec is to have a flow: all daemons that are connected must know of it.
 * @param own - what the sessions of this one are called: those of others that say no more are of versions that did not register
 * @throws InvalidValueError naming one that does not
 */
export async function needFlow(run: Run, own = sessionName()): Promise<void> {
  const [[row]] = await run(findIgnorant('flow', own));
  if (row) throw new InvalidValueError('flow', `can not be set ${whileThereIs(row)}`);
}

/** As needFlow, of attempts that are to be cancelled: those before know no such status. */
export async function needCancel(pool: Pick<ConnectionPool, 'query'>, own = sessionName()): Promise<void> {
  const [row] = await pool.query(findIgnorant('cancel', own));
  if (row) throw new InvalidValueError('cancel', `can not be done ${whileThereIs(row)}`);
}

function findIgnorant(known: string, own: string): Statement {
  const names = [USUAL_NAME, own.slice(0, own.lastIndexOf(MARK))];
  return statement(FIND_IGNORANT, `{${names.map(quoted).join(',')}}`, known);
}

function whileThereIs(row: Row): string {
  const [name, pid, address, version] = row;
  const who = `${name} (pid ${pid}, ${address === null ? 'over a Unix socket' : `from ${address}`}, ${version === null ? 'of a version before' : `version ${version}`})`;
  return `while a daemon is connected that does not know it: ${who}`;
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`;
}
