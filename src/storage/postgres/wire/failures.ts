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
  // Whether a transaction took place is not known.
  ['40003', 'unavailable'],
  // A serialization failure, a deadlock.
  ['40', 'again'],
  // Somebody else has added the same row.
  ['23505', 'again'],
  // The server has forgotten what was prepared.
  ['26000', 'again'],
  // It still knows what was to be prepared.
  ['42P05', 'again'],
  // A lock was not to be had in time.
  ['55P03', 'locked'],
  // The connection broke.
  ['08', 'elsewhere'],
  // It is read-only, as a server is after a failover.
  ['25006', 'elsewhere'],
  // The session was idle in a transaction for too long.
  ['25P03', 'elsewhere'],
  // The transaction took too long.
  ['25P04', 'elsewhere'],
  // The server is shut down, crashed or starting; the database is dropped; the session was idle for too long.
  ['57P', 'elsewhere'],
  // The statement took too long, or somebody cancelled it.
  ['57014', 'slow'],
  // There is no space, no memory, or there are too many connections.
  ['53', 'unavailable'],
  // The system failed: input and output, files.
  ['58', 'unavailable'],
  // Something is damaged.
  ['XX', 'unavailable'],
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

/** Does something that may be left undone as long as another session keeps locked what it is about. */
export async function unlessHeld<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LockedError) return otherwise;
    throw error;
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

/** What the driver says where a connection did not come about in time or broke off: it gives these errors no code. */
const PASSING_MESSAGES = new Set(['timeout expired', 'Connection terminated unexpectedly']);

/** Whether it makes sense to try again to connect. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StorageUnavailableError) return true;
  if (error instanceof pg.DatabaseError) return reactionTo(error) !== 'fault';
  const { code, message, errors } = error as { code?: string; message?: string; errors?: unknown[] };
  if (errors?.length) return errors.some(isPassing);
  return (code !== undefined && PASSING.has(code)) || (message !== undefined && PASSING_MESSAGES.has(message));
}

/** What a driver reports, in one line; an attempt at several addresses comes as an error without a message. */
export function unavailable(error: unknown): StorageUnavailableError {
  if (error instanceof StorageUnavailableError) return error;
  const { message, code, errors } = error as { message?: string; code?: string; errors?: { message: string }[] };
  const reason = message || errors?.[0]?.message || code || 'it can not be reached';
  const state = error instanceof pg.DatabaseError && code ? ` (SQLSTATE ${code})` : '';
  return new StorageUnavailableError(reason + state, { cause: error });
}
