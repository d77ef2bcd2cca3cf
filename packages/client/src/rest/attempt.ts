import type { components } from '../generated/bodies.js';
import type { Data, DataObject, DataReader } from '../data/forms.js';
import { dataInBody } from '../data/forms.js';
import type { RawCbor } from '../cbor/values.js';
import type { Duration } from '../duration.js';
import { nanoseconds } from '../duration.js';
import { NotPendingError } from '../generated/errors.js';
import type { Name } from '../names.js';
import { shownName } from '../names.js';
import { dateOf } from '../time.js';
import type { CallOptions } from '../waiting.js';
import type { RestClient } from './rest-client.js';

type Bodies = components['schemas'];

export type AttemptStatus = Bodies['Attempt']['status'];
type Action = 'renew' | 'expire' | 'finish' | 'fail' | 'retry';

/** What an attempt is afterwards. */
export type Outcome = Bodies['AttemptOutcome']['outcome'];

const STATUS_AFTER: Readonly<Partial<Record<Action, Outcome>>> = {
  expire: 'expired',
  finish: 'finished',
  fail: 'failed',
  retry: 'retryable',
};

/** Why attempts are stopped, and what becomes of their units. */
export interface Cancellation {
  readonly reason?: string;
  /** Whether the units are given back; else they fail. */
  readonly release?: boolean;
}

export interface AttemptOptions extends CallOptions {
  /** Become the attempt's own data; absent: they stay as they are. */
  readonly data?: Data | RawCbor;
}

/** One worker's try at one work unit, by its address alone. Nothing of it changes by what is done with it here. */
export class AttemptAddress {
  constructor(
    protected readonly client: RestClient,
    /** What `Worker.finish` and `Worker.renew` take as well. */
    readonly url: string,
  ) {}

  /** As it is now, with its data. @throws GoneError */
  get<D = DataObject>(options?: CallOptions): Promise<Attempt<D>> {
    return getAttempt<D>(this.client, this.url, options);
  }

  /** Ends it well. Where its spec has a `then`, `output` in the data makes units there. @throws NotPendingError, GoneError */
  finish(data?: Data | RawCbor, options: CallOptions = {}): Promise<void> {
    return this.act('finish', { ...options, data });
  }

  /**
   * Ends it badly; the unit stays failed until it is retried, or is tried again where its work spec says so and it is not `final`. The cause
   * is what the data say, unless it is named. @throws NotPendingError, GoneError
   */
  fail(
    data?: Data | RawCbor,
    { cause, final, ...options }: CallOptions & { readonly cause?: string; readonly final?: boolean } = {},
  ): Promise<void> {
    return this.act('fail', { ...options, data }, { cause, final });
  }

  /** Ends it so that the unit comes back, after the delay. @throws NotPendingError, GoneError */
  retry({ delay = 0, ...options }: AttemptOptions & { readonly delay?: Duration } = {}): Promise<void> {
    return this.act('retry', options, { delay: nanoseconds(delay) });
  }

  /** Gives the unit back at once. @throws NotPendingError, GoneError */
  expire(options: AttemptOptions = {}): Promise<void> {
    return this.act('expire', options);
  }

  /** Goes on with it for so long from now on; 15 minutes where it is absent. @throws LostLeaseError, NotPendingError, GoneError */
  renew(lease: Duration = '15m', options: AttemptOptions = {}): Promise<void> {
    return this.act('renew', options, { extend_duration: nanoseconds(lease) });
  }

  /**
   * Stops it, for good: its unit fails with the cause `cancelled: REASON`, or is given back with `release`. Whatever its worker says of it
   * afterwards is refused. One that has been stopped stays so. @throws NotPendingError, GoneError
   */
  async cancel({ reason, release, ...options }: Cancellation & CallOptions = {}): Promise<void> {
    const path = `${this.url}/cancel`;
    await this.client.call({ method: 'POST', path, body: { reason, release }, isRepeatable: true }, options);
  }

  private async act(action: Action, { data, ...options }: AttemptOptions, more: object = {}): Promise<void> {
    const body = { ...(data !== undefined && { data: dataInBody(data) }), ...more };
    const path = `${this.url}/${action}`;
    try {
      await this.client.call({ method: 'POST', path, body, isRepeatable: true }, options);
    } catch (error) {
      if (!(error instanceof NotPendingError && error.wasRepeated)) throw error;
      // It may have been this very call that has ended it, of which the answer was lost.
      const { status, cancelled } = await this.get(options);
      if (status !== STATUS_AFTER[action] || cancelled) throw error;
    }
  }
}

/** One worker's try at one work unit, as lists show it. */
export class ListedAttempt extends AttemptAddress {
  readonly namespace: string;
  readonly spec: string;
  readonly unit: Name;
  readonly worker: Name;
  /** The opaque last part of its address. */
  readonly start: string;
  readonly startTime: Date;
  /** Absent while it goes on. */
  readonly endTime: Date | undefined;
  /** As it was when it was read. */
  readonly status: AttemptStatus;
  /** Whether somebody else than its worker has stopped it. */
  readonly cancelled: boolean;

  constructor(client: RestClient, json: Bodies['AttemptShort']) {
    super(client, withoutPrefix(json.url));
    this.namespace = json.namespace;
    this.spec = json.work_spec;
    this.unit = shownName(json.work_unit, json.work_unit_url);
    this.worker = shownName(json.worker, json.worker_url);
    this.start = json.start;
    this.startTime = new Date(json.start_time);
    this.endTime = dateOf(json.end_time);
    this.status = json.status;
    this.cancelled = json.cancelled ?? false;
  }
}

/** One worker's try at one work unit, as a claim gives it. */
export class Attempt<D = DataObject> extends ListedAttempt {
  /** Its own where it has some, else those of its unit as they were when it began. */
  readonly data: D;
  /** When its lease ends, by the daemon's clock. */
  readonly expiration: Date;

  constructor(client: RestClient, json: Bodies['Attempt'], reader: DataReader) {
    super(client, json);
    this.data = reader.read(json.data) as D;
    this.expiration = new Date(json.expiration_time);
  }
}

/** A unit that a worker has claimed, with what it takes to work on it and no more. */
export class ClaimedAttempt extends AttemptAddress {
  readonly unit: Name;
  readonly data: unknown;

  constructor(
    client: RestClient,
    readonly spec: string,
    json: Bodies['BriefAttempt'],
    reader: DataReader,
  ) {
    super(client, withoutPrefix(json.url));
    this.unit = shownName(json.work_unit, unitLinkOf(json.url));
    this.data = reader.read(json.data);
  }
}

export async function getAttempt<D>(client: RestClient, path: string, options?: CallOptions): Promise<Attempt<D>> {
  const { value, data } = await client.call<Bodies['Attempt']>(
    { method: 'GET', path, query: [client.dataQuery] },
    options,
  );
  return new Attempt<D>(client, value, data);
}

const ATTEMPT_PATH = /\/namespace\/[^/]+\/work_spec\/[^/]+\/work_unit\/[^/]+\/attempt\/[^/]+\/[^/]+$/;

/** A link from `/namespace` on: what is before it is for the way there, which the address of the daemon says. */
export function withoutPrefix(link: string): string {
  return link.startsWith('/namespace/') ? link : (ATTEMPT_PATH.exec(link)?.[0] ?? link);
}

/** The link of the unit that an attempt is at. */
export function unitLinkOf(url: string): string {
  let end = url.length;
  // Behind it are `attempt`, the worker and the end, none of which has a slash in it.
  for (let parts = 0; parts < 3; parts++) end = url.lastIndexOf('/', end - 1);
  return url.slice(0, end);
}
