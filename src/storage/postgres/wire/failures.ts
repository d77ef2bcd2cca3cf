import pg from 'pg';
import { StorageUnavailableError } from '../../../domain/errors.js';

/** Serialization failure, deadlock, somebody else's new row of the same key, lock not to be had at once. */
const CONFLICTS = new Set(['40001', '40P01', '23505', '55P03']);

/** Classes of SQLSTATE that speak of the server rather than of the statement: connection, resources, shutdown. */
const UNAVAILABLE = /^(08|53|57P|58|XX)/;
/** The statement took longer than it may, maybe for one of the requests that it carries out. */
const TIMED_OUT = '57014';

/** A COMMIT was answered by a rollback: a statement before it had failed. */
export class RolledBackError extends Error {
  constructor() {
    super('the transaction was rolled back');
  }
}

/** What went wrong in a transaction, and what may be done about it. */
export interface Failure {
  /** Another transaction came in between: the same again may well succeed. */
  readonly isConflict: boolean;
  /** The database can't serve now, whatever it is asked. */
  readonly isUnavailability: boolean;
  /** What the one who asked hears: errors of the model as they are. */
  readonly asAnswer: unknown;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RolledBackError) return failure(true, true, unavailable(error));
  if (error instanceof StorageUnavailableError) return failure(false, true, error);
  if (!(error instanceof pg.DatabaseError)) return failure(false, false, error);
  const isConflict = CONFLICTS.has(error.code ?? '');
  const isUnavailability = isConflict || UNAVAILABLE.test(error.code ?? '');
  const isOurs = !isUnavailability && error.code !== TIMED_OUT;
  return failure(isConflict, isUnavailability, isOurs ? error : unavailable(error));
}

function failure(isConflict: boolean, isUnavailability: boolean, asAnswer: unknown): Failure {
  return { isConflict, isUnavailability, asAnswer };
}

/** What a driver reports, in one line; an attempt at several addresses comes as an error without a message. */
export function unavailable(error: unknown): StorageUnavailableError {
  if (error instanceof StorageUnavailableError) return error;
  const { message, code, errors } = error as { message?: string; code?: string; errors?: { message: string }[] };
  const reason = message || errors?.[0]?.message || code || 'it can not be reached';
  return new StorageUnavailableError(reason, { cause: error });
}
