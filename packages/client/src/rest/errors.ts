import { ERRORS_BY_NAME } from '../generated/errors.js';
import { CoordinateError, type ErrorBody } from './coordinate-error.js';

/** A part of a request is malformed or invalid; `details` names it. */
export class InvalidValueError extends CoordinateError {
  override readonly name: string = 'InvalidValueError';
}

/** Nobody knows who makes the request: a token is missing, wrong, or no longer valid. */
export class UnknownCallerError extends CoordinateError {
  override readonly name: string = 'UnknownCallerError';
}

/** The caller does not have the right that this needs. */
export class DeniedError extends CoordinateError {
  override readonly name: string = 'DeniedError';
}

/** The caller asks too often. */
export class RateLimitError extends CoordinateError {
  override readonly name: string = 'RateLimitError';
}

/** The storage is out of reach, or the daemon has too much to do. */
export class UnavailableError extends CoordinateError {
  override readonly name: string = 'UnavailableError';
}

/** There is no room for more; work can still be claimed, ended and deleted. */
export class NoRoomError extends CoordinateError {
  override readonly name: string = 'NoRoomError';
}

/** Of errors that have no name of their own. */
const BY_STATUS: Readonly<Record<number, typeof CoordinateError>> = {
  400: InvalidValueError,
  401: UnknownCallerError,
  403: DeniedError,
  429: RateLimitError,
  502: UnavailableError,
  503: UnavailableError,
  504: UnavailableError,
  507: NoRoomError,
};

/** The error that an answer says. @param retryAfter seconds */
export function errorOf(status: number, body: ErrorBody, retryAfter?: number): CoordinateError {
  const Class = ERRORS_BY_NAME[body.error]?.Class ?? BY_STATUS[status] ?? CoordinateError;
  return new Class(status, body, retryAfter);
}

/** What is wrong with one item of a list, of which no status of HTTP is told: that of its name, or that of a request that is not allowed. */
export function errorOfItem(error: string, message: string): CoordinateError {
  return errorOf(ERRORS_BY_NAME[error]?.status ?? 403, { error, message });
}

/** What the text of an answer says of an error, whoever wrote it: between here and the daemon may be others. */
export function errorBodyOf(status: number, text: string): ErrorBody {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody> | null;
    if (typeof body?.error === 'string' && typeof body.message === 'string') return body as ErrorBody;
  } catch {
    // It is shown as it is.
  }
  return { error: 'error', message: `status ${status}${text === '' ? '' : `: ${text.slice(0, 200)}`}` };
}
