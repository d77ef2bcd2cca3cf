import type { RawCbor } from '../cbor/values.js';
import type { Data, DataObject } from '../data/forms.js';
import type { Duration } from '../duration.js';
import { milliseconds } from '../duration.js';
import type { Name } from '../names.js';
import type { Logger } from './logger.js';
import { checked, type StandardSchema } from './schema.js';

/** A unit as its handler gets it. */
export interface UnitOfWork<D = DataObject> {
  readonly spec: string;
  readonly name: Name;
  /** What the schema of its handler makes of them, where it has one. */
  readonly data: D;
}

/** What a handler can know and do besides. */
export interface HandlerContext {
  /**
   * Aborts when nothing that the handler does is wanted any more: the lease was lost, its time is over, or the worker stops and
   * its grace is over. The reason is a LostLeaseError, a TimeoutError or a StoppedError.
   */
  readonly signal: AbortSignal;
  /**
   * The worker renews leases by itself. This makes sure that the unit is still its own, and keeps data in the attempt.
   * @throws LostLeaseError, NotPendingError, GoneError
   */
  renew(options?: { readonly data?: Data | RawCbor }): Promise<void>;
  /** The logger of the worker, which says of which unit each line is. */
  readonly log: Logger;
}

/**
 * Does a unit. What it returns, where it is an object, becomes the data of the unit, which is finished; what it throws fails the
 * unit, unless it is a `Retry`.
 */
// A method, so that one that takes data of a certain type is a handler as well.
export type Handler = { handle(unit: UnitOfWork, context: HandlerContext): unknown }['handle'];

/** A handler, and what is special about its units. */
export interface HandlerWithOptions {
  readonly handle: Handler;
  /** How long it may take; absent: as long as it likes. */
  readonly timeout?: Duration;
  /** What data have to be; a unit whose data are not fails, and its handler does not get it. */
  readonly schema?: StandardSchema;
}

/** By the names of work specs; `*` has those that are not named. */
export type Handlers = Readonly<Record<string, Handler | HandlerWithOptions>>;

/** Wraps each handler: is given what is to be called, and returns what is called in its place. */
export type Middleware = (next: Handler) => Handler;

/** To be thrown by a handler: the unit comes back, after the delay. */
export class Retry extends Error {
  override readonly name = 'Retry';
  /** How long the unit waits; not at all where it is absent. */
  readonly delay: Duration;
  /** Become the attempt's own data, for its history; the unit has those that it had. */
  readonly data: Data | RawCbor | undefined;

  constructor({ delay = 0, data, cause }: { delay?: Duration; data?: Data | RawCbor; cause?: unknown } = {}) {
    super('to be tried again', { cause });
    this.delay = delay;
    this.data = data;
  }
}

/** To be thrown by a handler: the unit fails, and for good whatever its work spec says of trying again (`flow.retry`), unless `final` is false. */
export class Fail extends Error {
  override readonly name = 'Fail';
  readonly final: boolean;

  /** @param cause - why, which is kept in place of this error */
  constructor({
    message = 'it failed',
    final = true,
    cause,
  }: { message?: string; final?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.final = final;
  }
}

/** The worker stops, and its grace is over. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** The handlers of all specs by which a worker goes. */
export class HandlerTable {
  private readonly table: ReadonlyMap<string, HandlerWithOptions>;

  /** @throws RangeError */
  constructor(handlers: Handlers, middleware: readonly Middleware[]) {
    const entries = Object.entries(handlers).map(([spec, given]): [string, HandlerWithOptions] => {
      const options = typeof given === 'function' ? { handle: given } : given;
      if (typeof options?.handle !== 'function') throw new RangeError(`the handler of ${spec} is not a function`);
      // A mistake in it is to be known now, and not when the first unit comes.
      if (options.timeout !== undefined) milliseconds(options.timeout);
      const wrapped = middleware.reduceRight((next, wrap) => wrap(next), options.handle);
      return [spec, { ...options, handle: options.schema ? checking(options.schema, wrapped) : wrapped }];
    });
    if (entries.length === 0) throw new RangeError('a worker without handlers has nothing to do');
    this.table = new Map(entries);
  }

  /** The work specs to ask for; undefined: any. */
  get specs(): readonly string[] | undefined {
    return this.table.has('*') ? undefined : [...this.table.keys()];
  }

  of(spec: string): HandlerWithOptions | undefined {
    return this.table.get(spec) ?? this.table.get('*');
  }
}

/** A handler that gets units only of data that the schema lets by. */
function checking(schema: StandardSchema, next: Handler): Handler {
  return async (unit, context) => {
    const data = (await checked(schema, unit.data)) as DataObject;
    return next({ ...unit, data }, context);
  };
}
