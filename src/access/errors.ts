import type { Right } from './right.js';

/** Nobody knows who makes a request that is not for everybody. */
export class UnknownCallerError extends Error {
  override readonly name = 'UnknownCallerError';

  constructor(
    message: string,
    /** How long to wait before another try, in whole seconds; undefined: it may be made. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** Whoever makes a request makes too many. */
export class RateLimitError extends Error {
  override readonly name = 'RateLimitError';
  /** How long to wait, in whole seconds. */
  readonly retryAfter: number;

  /** @param ms how long until it may be made */
  constructor(caller: string, rate: string, ms: number) {
    const seconds = Math.ceil(ms / 1000);
    super(`more requests of ${JSON.stringify(caller)} than -rate-limit ${rate} allows, try again in ${seconds} s`);
    this.retryAfter = seconds;
  }
}

/** Who makes a request cannot be told now. */
export class CallerUncertainError extends Error {}

/** Whether a token is right cannot be told now: the keys of its issuer cannot be had. */
export class IssuerAwayError extends CallerUncertainError {
  override readonly name = 'IssuerAwayError';

  constructor() {
    super('the keys of the issuer of tokens cannot be had now, try again later');
  }
}

/** A plug-in that may know who makes a request does not say. */
export class SourceFailedError extends CallerUncertainError {
  override readonly name = 'SourceFailedError';

  constructor() {
    super('who is calling cannot be told now, try again later');
  }
}

/** Whoever makes a request is known and may not. Says the same of a namespace that is there and of one that is not. */
export class DeniedError extends Error {
  override readonly name = 'DeniedError';

  /** @param why - what follows the caller's name */
  constructor(
    caller: string,
    /** What it did not have, or not so far. */
    readonly right: Right,
    why: string,
  ) {
    super(`${JSON.stringify(caller)} ${why}`);
  }
}
