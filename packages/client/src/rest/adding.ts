import type { RawCbor } from '../cbor/values.js';
import type { Data } from '../data/forms.js';
import { dataInBody } from '../data/forms.js';
import type { Duration } from '../duration.js';
import { milliseconds } from '../duration.js';
import type { Name } from '../names.js';
import { nameInBody } from '../names.js';
import { timeText } from '../time.js';
import type { CallOptions } from '../waiting.js';
import { BatchBody } from './batch-body.js';
import { CoordinateError } from './coordinate-error.js';
import type { RestClient } from './rest-client.js';

/** A unit to add, or to replace; a name alone has empty data. */
export type UnitToAdd = Name | NewWorkUnit;

export interface NewWorkUnit {
  readonly name: Name;
  /** Empty where it is absent. */
  readonly data?: Data | RawCbor;
  /** Higher runs first; 0 where it is absent. */
  readonly priority?: number;
  /** Not handed out before. */
  readonly notBefore?: Date;
  /** The same from now on, by the clock of this machine. */
  readonly delay?: Duration;
}

/** Of each request. */
export interface AddOptions extends CallOptions {
  /** At most so many units in one request; 1,000 where it is absent. */
  readonly batchUnits?: number;
  /** And so many characters of JSON, unless one unit has more; 1 MiB where it is absent. */
  readonly batchChars?: number;
  /** So many requests may be under way at a time. With more than 1, of units of the same name any may come last. */
  readonly concurrency?: number;
  /** Hears after each batch how many units have been added. */
  readonly onProgress?: (progress: AddProgress) => void;
  /**
   * Send a batch again when its answer was lost. A unit of it that was finished in between is then available again, and done
   * twice; without it the ConnectionError is thrown, and nobody knows whether those units were added.
   */
  readonly repeatLost?: boolean;
}

export interface AddProgress {
  /** Units that are there for sure. */
  readonly added: number;
}

/** Adds units in batches, and takes no more of them than fit into those that are under way. @returns how many were added */
export async function addUnits(
  client: RestClient,
  path: string,
  units: Iterable<UnitToAdd> | AsyncIterable<UnitToAdd>,
  options: AddOptions,
): Promise<AddProgress> {
  const { batchUnits = 1000, batchChars = 1024 * 1024 } = options;
  const sender = new BatchSender(client, path, options);
  let batch = sender.next();
  try {
    for await (const unit of units) {
      const json = jsonOf(unit);
      if (batch.units > 0 && (batch.units >= batchUnits || batch.chars + json.length > batchChars)) {
        await sender.send(batch);
        batch = sender.next();
      }
      batch.add(json);
    }
    if (batch.units > 0) await sender.send(batch);
  } finally {
    // Whatever goes wrong, nothing is under way any more when it is told.
    await sender.settled();
  }
  sender.throwIfFailed();
  return { added: sender.added };
}

/** Sends batches, some at a time. */
class BatchSender {
  added = 0;
  private taken = 0;
  private readonly underWay = new Set<Promise<void>>();
  private readonly free: BatchBody[] = [];
  private failed: { readonly error: unknown } | undefined;

  constructor(
    private readonly client: RestClient,
    private readonly path: string,
    private readonly options: AddOptions,
  ) {}

  /** An empty batch. */
  next(): BatchBody {
    return this.free.pop() ?? new BatchBody();
  }

  /** Resolves when the batch is under way, and there is room for what is to be the next. @throws what an earlier one came to */
  async send(batch: BatchBody): Promise<void> {
    const { concurrency = 1 } = this.options;
    while (this.underWay.size >= concurrency) await Promise.race(this.underWay);
    this.throwIfFailed();
    const first = this.taken;
    this.taken += batch.units;
    const sent = this.post(batch, first).finally(() => this.underWay.delete(sent));
    this.underWay.add(sent);
  }

  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  throwIfFailed(): void {
    if (this.failed) throw this.failed.error;
  }

  private async post(batch: BatchBody, first: number): Promise<void> {
    const { signal, timeout, onProgress, repeatLost = false } = this.options;
    const json = batch.end();
    try {
      await this.client.call(
        { method: 'POST', path: this.path, json, isRepeatable: repeatLost, isAnswerUnread: true },
        { signal, timeout },
      );
      this.added += batch.units;
      // One that came to an error may still be on its way, and nothing is sent after it.
      batch.clear();
      this.free.push(batch);
      onProgress?.({ added: this.added });
    } catch (error) {
      this.failed ??= { error: error instanceof CoordinateError ? countedFrom(first, error) : error };
    }
  }
}

function jsonOf(unit: UnitToAdd): string {
  if (typeof unit === 'string' || unit instanceof Uint8Array) return JSON.stringify(nameInBody(unit));
  const { name, data, priority, delay } = unit;
  const notBefore = delay === undefined ? unit.notBefore : new Date(Date.now() + milliseconds(delay));
  return JSON.stringify({
    ...nameInBody(name),
    data: data === undefined ? undefined : dataInBody(data),
    meta:
      priority === undefined && notBefore === undefined
        ? undefined
        : { priority, not_before: notBefore && timeText(notBefore) },
  });
}

/** An error names a unit by its place in its batch: as its caller has it, the place is among all. */
function countedFrom(first: number, error: CoordinateError): CoordinateError {
  if (first === 0) return error;
  const inAll = (text: string): string =>
    text.replace(/\bwork_units\[(\d+)\]/g, (_, place: string) => `work_units[${first + Number(place)}]`);
  const { status, error: name, message, value, details, retryAfter } = error;
  const Class = error.constructor as typeof CoordinateError;
  const body = {
    error: name,
    message: inAll(message),
    value,
    details: details.map((detail) => ({ ...detail, field: inAll(detail.field) })),
  };
  return new Class(status, body, retryAfter);
}
