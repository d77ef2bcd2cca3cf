// Written by npm run client-sources from src/domain/error-table.ts: change that.
import { CoordinateError } from '../rest/coordinate-error.js';

/** The definition of a work spec has no name, or an empty one. */
export class NoWorkSpecNameError extends CoordinateError {
  override readonly name = 'NoWorkSpecNameError';
}

/** The name in the definition of a work spec is of another type. */
export class BadWorkSpecNameError extends CoordinateError {
  override readonly name = 'BadWorkSpecNameError';
}

/** A work spec is put to an address, and its definition names another. */
export class ChangedNameError extends CoordinateError {
  override readonly name = 'ChangedNameError';
}

/** The namespace has no work spec of that name, which is the `value`. */
export class NoSuchWorkSpecError extends CoordinateError {
  override readonly name = 'NoSuchWorkSpecError';
}

/** The work spec has no work unit of that name, which is the `value`. */
export class NoSuchWorkUnitError extends CoordinateError {
  override readonly name = 'NoSuchWorkUnitError';
}

/** The lease ran out, and the unit is no longer that of the attempt; it is expired now. */
export class LostLeaseError extends CoordinateError {
  override readonly name = 'LostLeaseError';
}

/** The attempt is over and can not be changed. */
export class NotPendingError extends CoordinateError {
  override readonly name = 'NotPendingError';
}

/** A worker is at the unit, so that its data can not be changed. */
export class PendingError extends CoordinateError {
  override readonly name = 'PendingError';
}

/** The work spec has no schedule that could be run. */
export class NoScheduleError extends CoordinateError {
  override readonly name = 'NoScheduleError';
}

/** The attempt, or something above it, is not there or no longer. */
export class GoneError extends CoordinateError {
  override readonly name = 'GoneError';
}

/** By the names on the wire. */
export const ERRORS_BY_NAME: Readonly<
  Record<string, { readonly status: number; readonly Class: typeof CoordinateError }>
> = {
  ErrNoWorkSpecName: { status: 400, Class: NoWorkSpecNameError },
  ErrBadWorkSpecName: { status: 400, Class: BadWorkSpecNameError },
  ErrChangedName: { status: 400, Class: ChangedNameError },
  ErrNoSuchWorkSpec: { status: 404, Class: NoSuchWorkSpecError },
  ErrNoSuchWorkUnit: { status: 404, Class: NoSuchWorkUnitError },
  ErrLostLease: { status: 409, Class: LostLeaseError },
  ErrNotPending: { status: 409, Class: NotPendingError },
  ErrPending: { status: 409, Class: PendingError },
  ErrNoSchedule: { status: 409, Class: NoScheduleError },
  ErrGone: { status: 410, Class: GoneError },
};
