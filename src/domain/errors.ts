import { ERRORS, type ErrorName } from './error-table.js';

/** A rule of the model refuses a request; nothing has changed. `code` is stable, `message` is for people. */
export class CoordinateError extends Error {
  constructor(
    readonly code: ErrorName,
    message: string = ERRORS[code].message,
    /** The name that was looked for, where the error is about a name. */
    readonly value?: string,
  ) {
    super(message);
    this.name = code;
  }
}

/**
 * The storage can't answer at the moment: the fault of neither the client nor the daemon. Nothing is known about the request
 * that hears it unless it was only a question.
 */
export class StorageUnavailableError extends Error {
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`storage unavailable: ${reason}`, options);
    this.name = 'StorageUnavailableError';
  }

  /** The same of what had been done in part. @param done - what that is, in words */
  after(done: string): StorageUnavailableError {
    return new StorageUnavailableError(`${this.reason} (${done} before)`, { cause: this });
  }
}

/** The same of a change that was on its way when that happened: it may have taken place, and is not made again by itself. */
export class OutcomeUnknownError extends StorageUnavailableError {
  constructor(
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`${why}; whether the change took place is not known`, options);
    this.name = 'OutcomeUnknownError';
  }

  override after(done: string): OutcomeUnknownError {
    return new OutcomeUnknownError(`${this.why} (${done} before)`, { cause: this });
  }
}

export class NoWorkSpecNameError extends CoordinateError {
  constructor() {
    super('ErrNoWorkSpecName');
  }
}

export class BadWorkSpecNameError extends CoordinateError {
  constructor() {
    super('ErrBadWorkSpecName');
  }
}

export class ChangedNameError extends CoordinateError {
  constructor() {
    super('ErrChangedName');
  }
}

export class NoSuchWorkSpecError extends CoordinateError {
  constructor(name: string) {
    super(
      'ErrNoSuchWorkSpec',
      ERRORS.ErrNoSuchWorkSpec.message.replace('"NAME"', () => JSON.stringify(name)),
      name,
    );
  }
}

export class NoSuchWorkUnitError extends CoordinateError {
  /** @param name - a binary string, as every unit name */
  constructor(name: string) {
    const readable = Buffer.from(name, 'latin1').toString('utf8');
    super(
      'ErrNoSuchWorkUnit',
      ERRORS.ErrNoSuchWorkUnit.message.replace('"NAME"', () => JSON.stringify(readable)),
      readable,
    );
  }
}

export class LostLeaseError extends CoordinateError {
  constructor() {
    super('ErrLostLease');
  }
}

export class NotPendingError extends CoordinateError {
  constructor() {
    super('ErrNotPending');
  }
}

export class PendingError extends CoordinateError {
  constructor() {
    super('ErrPending');
  }
}

export class CannotBecomeContinuousError extends CoordinateError {
  constructor() {
    super('ErrCannotBecomeContinuous');
  }
}

export class NoScheduleError extends CoordinateError {
  constructor() {
    super('ErrNoSchedule');
  }
}

export class WorkUnitNotListError extends CoordinateError {
  constructor() {
    super('ErrWorkUnitNotList');
  }
}

export class WorkUnitTooShortError extends CoordinateError {
  constructor() {
    super('ErrWorkUnitTooShort');
  }
}

export class BadPriorityError extends CoordinateError {
  constructor() {
    super('ErrBadPriority');
  }
}

export class GoneError extends CoordinateError {
  constructor() {
    super('ErrGone');
  }
}

const MIB = 1024 * 1024;

/** There is no room for more: nothing has changed, and what ends or deletes work goes on. */
export class MemoryFullError extends CoordinateError {
  /** @param limit - in bytes @param bound - `limit`: what -max-memory says; `heap`: what Node gives its heap */
  constructor(limit: number, bound: 'limit' | 'heap') {
    const of = bound === 'limit' ? 'allowed by -max-memory' : 'of JavaScript heap (NODE_OPTIONS=--max-old-space-size)';
    super('error', ERRORS.error.message.replace('COUNT', String(Math.floor(limit / MIB))).replace('REASON', of));
  }
}

/** A unit is held by a worker that the request may not act for (see hold.ts): nothing has changed. */
export class HeldByOthersError extends Error {
  /** @param holder - a binary string, as every name of a worker */
  constructor(readonly holder: string) {
    super(
      `the work unit is held by ${JSON.stringify(Buffer.from(holder, 'latin1').toString('utf8'))}, which this caller may not act for`,
    );
    this.name = 'HeldByOthersError';
  }
}

/** A value that a client sent breaks a rule; names the field and the reason. */
export class InvalidValueError extends Error {
  constructor(
    readonly field: string,
    readonly reason: string,
    /** What was sent, readable, where it is at hand. */
    readonly value?: string,
  ) {
    super(`${field} ${reason}`);
    this.name = 'InvalidValueError';
  }
}
