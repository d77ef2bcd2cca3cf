import {
  ConnectionError,
  CoordinateError as AnsweredError,
  type Storage,
  type StorageCall as WireCall,
} from 'coordinate-client';
import type { AttemptChange } from '../../domain/attempt.js';
import { OutcomeUnknownError, StorageUnavailableError } from '../../domain/errors.js';
import { errorOf } from '../../storage-calls/calls/refusal.js';
import { CALLS_BY_NAME } from '../../storage-calls/calls/table.js';
import { jsonOf, type JsonValue, valueOf } from '../../storage-calls/calls/values.js';

/** So many calls go in one request. */
const MOST_CALLS = 100;
/** So many requests with quick calls are under way at a time; what comes meanwhile goes together in the next. */
const MOST_REQUESTS = 4;

/** A call that somebody waits for. */
interface Waiting {
  readonly call: WireCall;
  /** Whether it only asks. */
  readonly asks: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The daemon that keeps the state. */
export class OtherDaemon {
  private readonly queue: Waiting[] = [];
  private requests = 0;
  private isQueued = false;
  /** Hears in which namespaces attempts have been stopped by what was asked here. */
  onStopped: ((namespace: string) => void) | undefined;

  constructor(
    readonly storage: Storage,
    /** Its address, for messages. */
    readonly url: string,
  ) {}

  /**
   * Carries out a call by its name. @returns what the method returns
   * @throws as the method does; StorageUnavailableError where the daemon is away or refuses
   */
  call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { takes, asks = false, isQuick = false } = CALLS_BY_NAME.get(name)!;
    const parameters: Record<string, JsonValue> = {};
    Object.keys(takes).forEach((key, at) => {
      if (args[at] !== undefined) parameters[key] = jsonOf(args[at]);
    });
    return new Promise((resolve, reject) => {
      const done = stops(name, args)
        ? (value: unknown): void => {
            this.onStopped?.(args[0] as string);
            resolve(value);
          }
        : resolve;
      const waiting = { call: { call: name, with: parameters }, asks, resolve: done, reject };
      if (isQuick) this.enqueue(waiting);
      else void this.send([waiting]);
    });
  }

  /** What the way to it came to, as an error of the storage. @param mayBeDone - whether what was asked changes something */
  errorOf(error: unknown, mayBeDone = false): StorageUnavailableError {
    const cause = error as Error;
    if (error instanceof AnsweredError) {
      const { status, message, retryAfter } = error;
      const why = `${this.url}: ${message}`;
      const isLost = (status === 502 || status === 503 || status === 504) && retryAfter === undefined;
      return isLost && mayBeDone
        ? new OutcomeUnknownError(why, { cause })
        : new StorageUnavailableError(why, { cause });
    }
    if (error instanceof ConnectionError && !error.sent) return new StorageUnavailableError(error.message, { cause });
    const why = error instanceof ConnectionError ? error.message : `${this.url}: ${cause.message}`;
    return mayBeDone ? new OutcomeUnknownError(why, { cause }) : new StorageUnavailableError(why, { cause });
  }

  private enqueue(waiting: Waiting): void {
    this.queue.push(waiting);
    if (this.isQueued) return;
    this.isQueued = true;
    // Those that arrive together go together.
    setImmediate(() => {
      this.isQueued = false;
      this.pump();
    });
  }

  private pump(): void {
    while (this.queue.length > 0 && this.requests < MOST_REQUESTS) {
      this.requests++;
      void this.send(this.queue.splice(0, MOST_CALLS)).then(() => {
        this.requests--;
        this.pump();
      });
    }
  }

  private async send(waiting: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.storage.carryOut(waiting.map(({ call }) => call));
      waiting.forEach(({ resolve, reject }, at) => {
        const { error, message = '', subject, field, value } = answers[at];
        if (error === undefined) resolve(valueOf(value));
        else reject(errorOf({ error, message, value: subject, field }, this.url));
      });
    } catch (error) {
      for (const { asks, reject } of waiting) reject(this.errorOf(error, !asks));
    }
  }
}

/** Whether a call stops attempts of others than who makes it. */
function stops(name: string, args: readonly unknown[]): boolean {
  if (name === 'units.cancel') return true;
  if (name !== 'attempts.change') return false;
  const { action } = args[1] as AttemptChange;
  return action === 'cancel' || action === 'recall';
}
