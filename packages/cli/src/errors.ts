import { ConnectionError, CoordinateError, UnavailableError } from 'coordinate-client';

/** What a program that calls this one may go by. */
export const ExitCode = { done: 0, error: 1, usage: 2, notFound: 3, denied: 4, unavailable: 5 } as const;

/** As `--help` has them. */
export const EXIT_CODES: readonly (readonly [code: number, about: string])[] = [
  [ExitCode.done, 'done'],
  [ExitCode.error, 'it went wrong; of doctor: there is trouble'],
  [ExitCode.usage, 'the command line, or the configuration, is not right'],
  [ExitCode.notFound, 'there is no such work spec, unit, attempt …'],
  [ExitCode.denied, 'nobody knows who calls, or the caller may not do that'],
  [ExitCode.unavailable, 'the daemon, or its storage, is away, or has too much to do'],
];

/** The command line, or the configuration, is not right. */
export class UsageError extends Error {}

/** Something that is asked for is not there. */
export class NotFoundError extends Error {}

/** Whoever reads the output wants no more of it. */
export class OutputClosed extends Error {}

const UNAVAILABLE = new Set([429, 502, 503, 504, 507]);

/** The status that the program ends with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosed) return ExitCode.done;
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof NotFoundError) return ExitCode.notFound;
  if (error instanceof ConnectionError || error instanceof UnavailableError) return ExitCode.unavailable;
  if (error instanceof CoordinateError) return codeOfStatus(error.status);
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return isTimeout ? ExitCode.unavailable : ExitCode.error;
}

function codeOfStatus(status: number): number {
  if (status === 404 || status === 410) return ExitCode.notFound;
  if (status === 401 || status === 403) return ExitCode.denied;
  return UNAVAILABLE.has(status) ? ExitCode.unavailable : ExitCode.error;
}

/** What went wrong, in a line or a few. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof CoordinateError)) return error.message || error.name;
  const details = error.details
    .filter(({ reason }) => !error.message.includes(reason))
    .map(({ field, reason }) => `\n  ${field}: ${reason}`);
  return error.message + details.join('');
}
