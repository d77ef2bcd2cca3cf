/** One thing that is wrong with a request. */
export interface ErrorDetail {
  /** Where: a field of the body (`attempts[2].delay`), a parameter of the path or the query, or a header. */
  readonly field: string;
  /** What was sent there, shortened. */
  readonly value: string;
  readonly reason: string;
}

/** The body of an answer that is an error. */
export interface ErrorBody {
  readonly error: string;
  readonly message: string;
  readonly value?: string;
  readonly details?: readonly ErrorDetail[];
}

/** The daemon answered with an error. Those of the model have a class of their own, by their names. */
export class CoordinateError extends Error {
  override readonly name: string = 'CoordinateError';
  /** The name on the wire, `ErrNoSuchWorkSpec` for instance; `error` where it has none. */
  readonly error: string;
  /** The name that was looked for. */
  readonly value?: string;
  readonly details: readonly ErrorDetail[];
  /** Whether an answer to the same call was lost before, so that it may be this call that has been carried out. */
  wasRepeated = false;

  constructor(
    /** That of HTTP. */
    readonly status: number,
    { error, message, value, details = [] }: ErrorBody,
    /** When to ask again, in seconds from now, where the daemon said so. */
    readonly retryAfter?: number,
  ) {
    super(message);
    this.error = error;
    this.value = value;
    this.details = details;
  }
}
