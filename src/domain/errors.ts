/** The names of the model's errors, as clients see them. */
export type ErrorName =
  | 'ErrNoWorkSpecName'
  | 'ErrBadWorkSpecName'
  | 'ErrChangedName'
  | 'ErrNoSuchWorkSpec'
  | 'ErrNoSuchWorkUnit'
  | 'ErrLostLease'
  | 'ErrNotPending'
  | 'ErrCannotBecomeContinuous'
  | 'ErrNoWork'
  | 'ErrWorkUnitNotList'
  | 'ErrWorkUnitTooShort'
  | 'ErrBadPriority'
  | 'ErrGone'
  | 'ErrWrongBackend'
  /** Of no name of its own. */
  | 'error';

/** A rule of the model refuses a request; nothing has changed. `code` is stable, `message` is for people. */
export class CoordinateError extends Error {
  constructor(
    readonly code: ErrorName,
    message: string,
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
    private readonly why: string,
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
    super('ErrNoWorkSpecName', "No 'name' key in work spec");
  }
}

export class BadWorkSpecNameError extends CoordinateError {
  constructor() {
    super('ErrBadWorkSpecName', "Work spec 'name' must be a string");
  }
}

export class ChangedNameError extends CoordinateError {
  constructor() {
    super('ErrChangedName', "Cannot change work spec 'name'");
  }
}

export class NoSuchWorkSpecError extends CoordinateError {
  constructor(name: string) {
    super('ErrNoSuchWorkSpec', `No such work spec ${JSON.stringify(name)}`, name);
  }
}

export class NoSuchWorkUnitError extends CoordinateError {
  /** @param name - a binary string, as every unit name */
  constructor(name: string) {
    const readable = Buffer.from(name, 'latin1').toString('utf8');
    super('ErrNoSuchWorkUnit', `No such work unit ${JSON.stringify(readable)}`, readable);
  }
}

export class LostLeaseError extends CoordinateError {
  constructor() {
    super('ErrLostLease', 'No longer the active attempt');
  }
}

export class NotPendingError extends CoordinateError {
  constructor() {
    super('ErrNotPending', 'Attempt is not pending');
  }
}

export class CannotBecomeContinuousError extends CoordinateError {
  constructor() {
    super('ErrCannotBecomeContinuous', 'Cannot set work spec to continuous');
  }
}

export class WorkUnitNotListError extends CoordinateError {
  constructor() {
    super('ErrWorkUnitNotList', 'work unit not a list');
  }
}

export class WorkUnitTooShortError extends CoordinateError {
  constructor() {
    super('ErrWorkUnitTooShort', 'too few parameters to work unit');
  }
}

export class BadPriorityError extends CoordinateError {
  constructor() {
    super('ErrBadPriority', 'priority must be a number');
  }
}

export class GoneError extends CoordinateError {
  constructor() {
    super('ErrGone', 'Object no longer exists');
  }
}

const MIB = 1024 * 1024;

/** There is no room for more: nothing has changed, and what ends or deletes work goes on. */
export class MemoryFullError extends CoordinateError {
  /** @param limit - in bytes @param bound - `limit`: what -max-memory says; `heap`: what Node gives its heap */
  constructor(limit: number, bound: 'limit' | 'heap') {
    const of = bound === 'limit' ? 'allowed by -max-memory' : 'of JavaScript heap (NODE_OPTIONS=--max-old-space-size)';
    super('error', `Memory is full: no room for more within the ${Math.floor(limit / MIB)} MiB ${of}`);
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
