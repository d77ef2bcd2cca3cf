import pg from 'pg';
import { StorageUnavailableError } from '../../../domain/errors.js';

/** What the daemon does when the database answers a statement with an error. */
export type Reaction =
  /** The same once more: another transaction came in between, or the server has forgotten what was prepared. */
  | 'again'
  /** A lock was not to be had in time: the others go on, and who needs it is tried apart, until its time is over. */
  | 'locked'
  /** This server can't serve: the connection is given up, and what had not yet been committed is tried on another. */
  | 'elsewhere'
  /** The server could not do it, whatever was asked: the storage is unavailable. */
  | 'unavailable'
  /** It took too long, maybe for one of the requests in a batch: each is tried alone, and the slow ones hear so. */
  | 'slow'
  /** Something is wrong with what was asked: each request of a batch is tried alone, and those at fault hear so. */
  | 'fault';

/** By SQLSTATE or the beginning of one; the first row that fits decides. */
export const REACTIONS: readonly (readonly [sqlState: string, reaction: Reaction])[] = [
  ['40003', 'unavailable'], // whether a transaction took place is not known
  ['40', 'again'], // serialization failure, deadlock
  ['23505', 'again'], // somebody else has added the same row
  ['26000', 'again'], // the server has forgotten what was prepared
  ['42P05', 'again'], // it still knows what was to be prepared
  ['55P03', 'locked'], // lock timeout
  ['08', 'elsewhere'], // connection
  ['25006', 'elsewhere'], // read-only, as a server is after a failover
  ['25P03', 'elsewhere'], // idle in a transaction for too long
  ['25P04', 'elsewhere'], // transaction timeout
  ['57P', 'elsewhere'], // shut down, crashed, starting, database dropped, idle for too long
  ['57014', 'slow'], // statement timeout, or cancelled by somebody
  ['53', 'unavailable'], // no space, no memory, too many connections
  ['58', 'unavailable'], // input and output, files
  ['XX', 'unavailable'], // damage
];

/** What says that a plan does not fit any more, and the server could not make another: nothing but its source tells. */
const STALE_PLAN = { code: '0A000', routine: 'RevalidateCachedQuery' };

/** What is done about an error of the server. */
export function reactionTo({ code = '', routine }: { readonly code?: string; readonly routine?: string }): Reaction {
  if (code === STALE_PLAN.code && routine === STALE_PLAN.routine) return 'again';
  return REACTIONS.find(([sqlState]) => code.startsWith(sqlState))?.[1] ?? 'fault';
}

/** A COMMIT was answered by a rollback: a statement before it had failed. */
export class RolledBackError extends Error {
  constructor() {
    super('the transaction was rolled back');
  }
}

/** Another session has kept locked for too long what was asked for. */
export class LockedError extends StorageUnavailableError {
  constructor(cause: pg.DatabaseError) {
    super(`another session keeps locked what this is about (SQLSTATE ${cause.code})`, { cause });
  }
}

/** What went wrong in a transaction, and what may be done about it. */
export interface Failure {
  readonly reaction: Reaction;
  /** What the one who asked hears: errors of the model as they are. */
  readonly asAnswer: unknown;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RolledBackError) return { reaction: 'again', asAnswer: unavailable(error) };
  if (error instanceof StorageUnavailableError) return { reaction: 'unavailable', asAnswer: error };
  if (!(error instanceof pg.DatabaseError)) return { reaction: 'fault', asAnswer: error };
  const reaction = reactionTo(error);
  if (reaction === 'locked') return { reaction, asAnswer: new LockedError(error) };
  return { reaction, asAnswer: reaction === 'fault' ? error : unavailable(error) };
}

/** Codes of the system after which a database may be there a little later. */
const PASSING = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Whether it makes sense to try again to connect. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StorageUnavailableError) return true;
  if (error instanceof pg.DatabaseError) return reactionTo(error) !== 'fault';
  const { code, message, errors } = error as { code?: string; message?: string; errors?: unknown[] };
  if (errors?.length) return errors.some(isPassing);
  return (code !== undefined && PASSING.has(code)) || /timeout|terminated unexpectedly/i.test(message ?? '');
}

/** What a driver reports, in one line; an attempt at several addresses comes as an error without a message. */
export function unavailable(error: unknown): StorageUnavailableError {
  if (error instanceof StorageUnavailableError) return error;
  const { message, code, errors } = error as { message?: string; code?: string; errors?: { message: string }[] };
  const reason = message || errors?.[0]?.message || code || 'it can not be reached';
  const state = error instanceof pg.DatabaseError && code ? ` (SQLSTATE ${code})` : '';
  return new StorageUnavailableError(reason + state, { cause: error });
}
