import { ERRORS } from '../../domain/error-table.js';
import {
  BadWorkSpecNameError,
  CannotBecomeContinuousError,
  ChangedNameError,
  CoordinateError,
  GoneError,
  HeldByOthersError,
  InvalidValueError,
  LostLeaseError,
  NoScheduleError,
  NoSuchWorkSpecError,
  NoSuchWorkUnitError,
  NotPendingError,
  NoWorkSpecNameError,
  OutcomeUnknownError,
  PendingError,
  StorageUnavailableError,
} from '../../domain/errors.js';
import { byteNameOfText } from '../../domain/names.js';

/** What kind of thing went wrong with a call, where it is none that has a name in the model. */
export const REFUSALS = ['invalid', 'held', 'denied', 'unavailable', 'unknown', 'failed'] as const;

/** Why a call came to nothing. */
export interface Refusal {
  /** A name of the model, else one of REFUSALS. */
  readonly error: string;
  readonly message: string;
  /** The name that was looked for; of `held`, the worker that holds the unit; of `invalid`, what was sent. */
  readonly value?: string;
  /** Of `invalid`: where. */
  readonly field?: string;
}

const BY_NAME: Readonly<Partial<Record<string, new () => CoordinateError>>> = {
  ErrNoWorkSpecName: NoWorkSpecNameError,
  ErrBadWorkSpecName: BadWorkSpecNameError,
  ErrChangedName: ChangedNameError,
  ErrLostLease: LostLeaseError,
  ErrNotPending: NotPendingError,
  ErrPending: PendingError,
  ErrCannotBecomeContinuous: CannotBecomeContinuousError,
  ErrNoSchedule: NoScheduleError,
  ErrGone: GoneError,
};

/** An error as the daemon in front is told of it; undefined: it is a mistake of ours. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof CoordinateError) return { error: error.code, message: error.message, value: error.value };
  if (error instanceof InvalidValueError) {
    return { error: 'invalid', message: error.reason, field: error.field, value: error.value };
  }
  if (error instanceof HeldByOthersError) return { error: 'held', message: error.message, value: error.holder };
  if (error instanceof OutcomeUnknownError) return { error: 'unknown', message: error.why };
  if (error instanceof StorageUnavailableError) return { error: 'unavailable', message: error.reason };
  return undefined;
}

/** The error that a daemon told of. @param from - its address */
export function errorOf({ error, message, value = '', field = '' }: Refusal, from: string): Error {
  if (error in ERRORS) return modelError(error, message, value);
  switch (error) {
    case 'invalid':
      return new InvalidValueError(field, message, value || undefined);
    case 'held':
      return new HeldByOthersError(value);
    case 'unknown':
      return new OutcomeUnknownError(`${from}: ${message}`);
    case 'denied':
    case 'unavailable':
      return new StorageUnavailableError(`${from}: ${message}`);
    default:
      return new Error(`${from}: ${message}`);
  }
}

function modelError(name: string, message: string, value: string): CoordinateError {
  if (name === 'ErrNoSuchWorkSpec') return new NoSuchWorkSpecError(value);
  if (name === 'ErrNoSuchWorkUnit') return new NoSuchWorkUnitError(byteNameOfText(value));
  const Class = BY_NAME[name];
  return Class ? new Class() : new CoordinateError(name as keyof typeof ERRORS, message, value || undefined);
}
