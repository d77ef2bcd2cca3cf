import { shorten as shortenTo } from '../../shorten.js';

/** One thing that is wrong with a request. */
export interface ErrorDetail {
  /** Where: a field of the body (`attempts[2].delay`), a parameter of the path or query, or a header. */
  field: string;
  /** What was sent there, shortened. */
  value: string;
  reason: string;
}

const SHOWN_CHARS = 200;

/** As much of what a client sent as is repeated to it, or logged. */
export function shorten(value: string): string {
  return shortenTo(value, SHOWN_CHARS);
}

/** A request that HTTP or the shape of its parts refuses, before the model is asked. */
export class RestError extends Error {
  override readonly name = 'RestError';

  constructor(
    readonly status: number,
    message: string,
    readonly details?: readonly ErrorDetail[],
    /** Headers that the answer needs, such as Allow. */
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

/** 400 for fields that can't be read. */
export function invalidValues(details: readonly ErrorDetail[]): RestError {
  const all = details.map(({ field, reason }) => `${field} ${reason}`);
  return new RestError(400, shorten(all.join('; ')), details);
}

/** 400 for one field. */
export function invalidValue(field: string, value: string, reason: string): RestError {
  return invalidValues([{ field, value: shorten(value), reason }]);
}
