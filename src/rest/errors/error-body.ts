import { HttpException } from '@nestjs/common';
import { CallerUncertainError, DeniedError, RateLimitError, UnknownCallerError } from '../../access/errors.js';
import { CborError } from '../../cbor/index.js';
import { ERRORS } from '../../domain/error-table.js';
import {
  CoordinateError,
  HeldByOthersError,
  InvalidValueError,
  OutcomeUnknownError,
  StorageUnavailableError,
} from '../../domain/errors.js';
import type { ErrorDetail } from './rest-error.js';
import { RestError, shorten } from './rest-error.js';

/** The body of every answer that is not a success. */
export interface ErrorBody {
  /** A name from the model, or "error". */
  error: string;
  message: string;
  /** The name that was looked for, decoded. */
  value?: string;
  details?: readonly ErrorDetail[];
}

export interface ErrorAnswer {
  status: number;
  body: ErrorBody;
  headers?: Readonly<Record<string, string>>;
}

/** What went wrong, as an answer; undefined when it is a mistake of ours, of which a client hears nothing but that. */
export function answerOf(error: unknown): ErrorAnswer | undefined {
  if (error instanceof CoordinateError) {
    const { code, message, value } = error;
    return { status: ERRORS[code].status, body: { error: code, message, value } };
  }
  if (error instanceof RestError) {
    const { status, message, details, headers } = error;
    return { status, body: { error: 'error', message: shorten(message), details: details?.map(shown) }, headers };
  }
  if (error instanceof InvalidValueError) {
    const { field, reason, message, value = '' } = error;
    const details = [shown({ field, value, reason })];
    return { status: 400, body: { error: 'error', message: shorten(message), details } };
  }
  if (error instanceof RateLimitError) return limited(error, error.retryAfter);
  if (error instanceof UnknownCallerError) {
    if (error.retryAfter !== undefined) return limited(error, error.retryAfter);
    return { ...plain(401, error), headers: { 'www-authenticate': 'Bearer' } };
  }
  if (error instanceof DeniedError || error instanceof HeldByOthersError) return plain(403, error);
  if (error instanceof CallerUncertainError) return { ...plain(503, error), headers: { 'retry-after': '1' } };
  if (error instanceof CborError) return { status: 400, body: { error: 'error', message: shorten(error.message) } };
  if (error instanceof OutcomeUnknownError) return unknown;
  if (error instanceof StorageUnavailableError) return unavailable;
  const status = statusOf(error);
  if (status === undefined || status >= 500) return undefined;
  return { status, body: { error: 'error', message: shorten((error as Error).message) } };
}

function limited(error: Error, retryAfter: number): ErrorAnswer {
  return { ...plain(429, error), headers: { 'retry-after': String(retryAfter) } };
}

function plain(status: number, { message }: Error): ErrorAnswer {
  return { status, body: { error: 'error', message: shorten(message) } };
}

/** What is echoed of a request is short wherever it comes from. */
function shown({ field, value, reason }: ErrorDetail): ErrorDetail {
  return { field: shorten(field), value: shorten(value), reason: shorten(reason) };
}

const unavailable: ErrorAnswer = {
  status: 503,
  body: { error: 'error', message: 'Service unavailable' },
  headers: { 'retry-after': '1' },
};

/** Not to be sent again without a look, so that it says nothing of when. */
const unknown: ErrorAnswer = {
  status: 503,
  body: { error: 'error', message: 'Service unavailable; whether the change took place is not known' },
};

/** The answer to a mistake of ours. */
export const INTERNAL_ERROR: ErrorAnswer = { status: 500, body: { error: 'error', message: 'Internal server error' } };

/** The status that an error of the framework asks for. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
}

export function errorJson(body: ErrorBody): string {
  return JSON.stringify(body);
}
