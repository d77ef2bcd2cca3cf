import type { components } from '../generated/bodies.js';
import type { RawCbor } from '../cbor/values.js';
import type { Data, DataObject } from '../data/forms.js';
import { dataInBody } from '../data/forms.js';
import type { Duration } from '../duration.js';
import { milliseconds, nanoseconds } from '../duration.js';
import type { Name } from '../names.js';
import { nameKey, nameOfLink, pathPart, shownName } from '../names.js';
import { dateOf } from '../time.js';
import type { CallOptions } from '../waiting.js';
import type { AttemptAddress, AttemptStatus, Outcome } from './attempt.js';
import { Attempt, ClaimedAttempt, getAttempt, ListedAttempt } from './attempt.js';
import type { CoordinateError } from './coordinate-error.js';
import { errorOfItem } from './errors.js';
import type { WorkerEvent } from './events.js';
import { listenAsWorker } from './events.js';
import type { ListOptions } from './pages.js';
import { pagesOf } from './pages.js';
import type { Reply, RestClient } from './rest-client.js';

type Bodies = components['schemas'];

/** What work a worker asks for. What is absent does not restrict. */
export interface ClaimRequest extends CallOptions {
  /** At most so many units, which are of one work spec; 1 where it is absent. */
  readonly units?: number;
  /** How long they are nobody else's; 15 minutes where it is absent. */
  readonly lease?: Duration;
  /** Only of these work specs. */
  readonly specs?: readonly string[];
  /** Only of work specs of these runtimes. */
  readonly runtimes?: readonly string[];
  /** Memory that the worker has, in GB. */
  readonly availableGb?: number;
  /** How long to wait for work where there is none, at most 60 s; not at all where it is absent. The timeout comes on top. */
  readonly wait?: Duration;
}

/** An attempt, or the address of one. */
export type AttemptOrUrl = AttemptAddress | string;

export interface AttemptOutcome {
  readonly attempt: AttemptOrUrl;
  readonly outcome: Outcome;
  /** Become the attempt's own data; absent: they stay as they are. */
  readonly data?: Data | RawCbor;
  /** For `retryable`: how long the unit waits. */
  readonly delay?: Duration;
  /** For `failed`: what to call the cause, in place of what the data say. */
  readonly cause?: string;
  /** For `failed`: not to be tried again, whatever the work spec says of that. */
  readonly final?: boolean;
}

/** What became of one attempt of a list: its status, or an error. */
export interface AttemptResult {
  readonly attempt: AttemptOrUrl;
  readonly status?: AttemptStatus;
  readonly error?: CoordinateError;
}

export interface WorkerUpdate extends CallOptions {
  readonly mode?: string;
  /** What it says of itself; null for nothing. */
  readonly data?: Data | RawCbor | null;
  /** How long it counts as active without another sign of life. */
  readonly lifetime?: Duration;
  /** Its parent, made if it is not there; null for none. */
  readonly parent?: Name | null;
}

/** A worker as it was when it was read. */
export interface WorkerRecord<D = DataObject> {
  readonly name: Name;
  readonly active: boolean;
  readonly mode: string;
  readonly data: D;
  readonly parent: Name | undefined;
  readonly children: readonly Name[];
  readonly lastUpdate: Date | undefined;
  readonly expiration: Date | undefined;
  /** On what host it says it is, and how many bytes of memory it says it uses, where its data tell. */
  readonly host: string | undefined;
  readonly memory: number | undefined;
}

/** A worker of a namespace, by its name, whether it is there or not: asking for work makes it. */
export class WorkerHandle {
  private readonly path: string;

  constructor(
    private readonly client: RestClient,
    namespacePath: string,
    readonly name: Name,
  ) {
    this.path = `${namespacePath}/worker/${pathPart(name)}`;
  }

  /**
   * Claims units. It is not sent again when its answer was lost, for the units of the first claim would be nobody's until their leases
   * end: it throws a ConnectionError then, whose `sent` says so, or a TimeoutError.
   *
   * @returns an attempt for each unit; none when there is no work
   */
  async claim<D = DataObject>(request: ClaimRequest = {}): Promise<Attempt<D>[]> {
    const { value, data } = await this.ask(request);
    return value.attempts.map((attempt) => new Attempt<D>(this.client, attempt, data));
  }

  /** As `claim`, in a fraction of the time where many are claimed. */
  async claimBriefly(request: ClaimRequest): Promise<ClaimedAttempt[]> {
    const { value, data } = await this.ask(request, true);
    const { brief_attempts, attempts, work_spec_url: spec } = value;
    const { client } = this;
    // A daemon that knows no other form says all of them.
    if (!brief_attempts) return attempts.map((attempt) => new ClaimedAttempt(client, attempt.work_spec, attempt, data));
    const name = spec === undefined ? '' : nameKey(nameOfLink(spec));
    return brief_attempts.map((attempt) => new ClaimedAttempt(client, name, attempt, data));
  }

  /** Begins an attempt at a certain unit, whatever its state; an active attempt of it is superseded. */
  async makeAttempt<D = DataObject>(
    spec: string,
    unit: Name,
    { lease, ...options }: CallOptions & { readonly lease?: Duration } = {},
  ): Promise<Attempt<D>> {
    const body: Bodies['AttemptSpecific'] = {
      work_spec: spec,
      work_unit: typeof unit === 'string' ? unit : '',
      work_unit_encoded: typeof unit === 'string' ? undefined : pathPart(unit),
      lifetime: lease === undefined ? undefined : nanoseconds(lease),
    };
    const path = `${this.path}/make_attempt`;
    const { value, data } = await this.client.call<Bodies['Attempt']>(
      { method: 'POST', path, query: [this.client.dataQuery], body },
      options,
    );
    return new Attempt<D>(this.client, value, data);
  }

  /** Brings attempts home, in one request and one by one: what goes wrong with one is its result, in the order given. */
  async finish(outcomes: readonly AttemptOutcome[], options?: CallOptions): Promise<AttemptResult[]> {
    const reply = await this.changeMany('finish_attempts', { attempts: outcomes.map(outcomeInBody) }, options);
    const results = resultsOf(
      reply,
      outcomes.map(({ attempt }) => attempt),
    );
    if (!reply.wasRepeated) return results;
    return Promise.all(results.map((result, i) => this.settled(result, outcomes[i].outcome, options)));
  }

  /**
   * As `finish`, in a fraction of the time where most go well.
   * @param outcomes of different attempts @returns why it was refused, for each that was, by its place in the list
   */
  async report(outcomes: readonly AttemptOutcome[], options?: CallOptions): Promise<Map<number, CoordinateError>> {
    const body = { attempts: outcomes.map(outcomeInBody), brief: true } as const;
    const { value, wasRepeated } = await this.changeMany('finish_attempts', body, options);
    const refused = new Map<number, CoordinateError>();
    const places =
      value.results.length === 0 ? undefined : new Map(outcomes.map(({ attempt }, i) => [urlOf(attempt), i]));
    for (const { url, error, message = '' } of value.results) {
      const place = places?.get(url);
      // A daemon that knows no other form says what became of all.
      if (place === undefined || error === undefined) continue;
      const { attempt, outcome } = outcomes[place];
      const result = { attempt, error: errorOfItem(error, message) };
      const settled = wasRepeated ? await this.settled(result, outcome, options) : result;
      if (settled.error) refused.set(place, settled.error);
    }
    return refused;
  }

  /** Goes on with attempts, in one request, as `finish` ends them. @param lease from now on; 15 minutes where it is absent */
  async renew(
    attempts: readonly AttemptOrUrl[],
    { lease = '15m', ...options }: CallOptions & { readonly lease?: Duration } = {},
  ): Promise<AttemptResult[]> {
    const extend_duration = nanoseconds(lease);
    const renewals = attempts.map((attempt) => ({ url: urlOf(attempt), extend_duration }));
    return resultsOf(await this.changeMany('renew_attempts', { attempts: renewals }, options), attempts);
  }

  /** Those that are pending, oldest first. */
  activeAttempts(options: ListOptions = {}): AsyncGenerator<ListedAttempt> {
    return this.list('active_attempts', options);
  }

  allAttempts(options: ListOptions = {}): AsyncGenerator<ListedAttempt> {
    return this.list('all_attempts', options);
  }

  /** Those of its children that are pending. */
  childAttempts(options: ListOptions = {}): AsyncGenerator<ListedAttempt> {
    return this.list('child_attempts', options);
  }

  /** Makes it if it is not there, where the caller may. */
  async get<D = DataObject>(options?: CallOptions): Promise<WorkerRecord<D>> {
    const { client, path } = this;
    const { value, data } = await client.call<Bodies['Worker']>(
      { method: 'GET', path, query: [client.dataQuery] },
      options,
    );
    return {
      name: shownName(value.name, value.url),
      active: value.active,
      mode: value.mode,
      data: data.read(value.data) as D,
      parent: value.parent_url === undefined ? undefined : nameOfLink(value.parent_url),
      children: (value.child_urls ?? []).map(nameOfLink),
      lastUpdate: dateOf(value.last_update),
      expiration: dateOf(value.expiration),
      host: value.host,
      memory: value.memory_bytes,
    };
  }

  /** A sign of life: it counts as active from now on. */
  update({ mode, data, lifetime, parent, ...options }: WorkerUpdate = {}): Promise<void> {
    const now = Date.now();
    return this.put(
      {
        active: true,
        mode,
        data: data === undefined || data === null ? data : dataInBody(data),
        ...(parent instanceof Uint8Array
          ? { parent_encoded: pathPart(parent) }
          : { parent: parent === null ? '' : parent }),
        ...(lifetime !== undefined && {
          last_update: new Date(now).toISOString(),
          expiration: new Date(now + milliseconds(lifetime)).toISOString(),
        }),
      },
      options,
    );
  }

  /** Says that it has ended. What it holds stays its own until the leases end. */
  deactivate(options?: CallOptions): Promise<void> {
    return this.put({ active: false }, options);
  }

  /** Which of its attempts are stopped by somebody else, as it happens, until nobody takes it any more or the signal aborts. */
  events({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<WorkerEvent, void, undefined> {
    return listenAsWorker(this.client, `${this.path}/events`, signal);
  }

  private async put(body: object, options?: CallOptions): Promise<void> {
    await this.client.call({ method: 'PUT', path: this.path, body, isRepeatable: true }, options);
  }

  private ask(
    { wait, signal, timeout, ...asked }: ClaimRequest,
    brief?: true,
  ): Promise<Reply<Bodies['AttemptResponse']>> {
    const body: Bodies['AttemptRequest'] = {
      number_of_work_units: asked.units,
      lifetime: asked.lease === undefined ? undefined : nanoseconds(asked.lease),
      work_specs: asked.specs && [...asked.specs],
      runtimes: asked.runtimes && [...asked.runtimes],
      available_gb: asked.availableGb,
      wait: wait === undefined ? undefined : nanoseconds(wait),
      brief,
    };
    const path = `${this.path}/request_attempts`;
    const patience = wait === undefined ? 0 : milliseconds(wait);
    return this.client.call(
      { method: 'POST', path, query: [this.client.dataQuery], body, patience, isHeardOut: true },
      { signal, timeout },
    );
  }

  private changeMany(
    what: 'finish_attempts' | 'renew_attempts',
    body: { readonly attempts: readonly object[]; readonly brief?: true },
    options?: CallOptions,
  ): Promise<Reply<Bodies['AttemptOutcomeResults']>> {
    return this.client.call({ method: 'POST', path: `${this.path}/${what}`, body, isRepeatable: true }, options);
  }

  /** A result of a call that was repeated: it may have been that call that has ended the attempt, of which the answer was lost. */
  private async settled(result: AttemptResult, outcome: Outcome, options?: CallOptions): Promise<AttemptResult> {
    if (result.error?.error !== 'ErrNotPending') return result;
    const { status, cancelled } = await getAttempt(this.client, urlOf(result.attempt), options);
    return status === outcome && !cancelled ? { attempt: result.attempt, status } : result;
  }

  private list(which: string, options: ListOptions): AsyncGenerator<ListedAttempt> {
    return pagesOf(this.client, { path: `${this.path}/${which}` }, options, ({ attempts }: Bodies['AttemptList']) =>
      attempts.map((attempt) => new ListedAttempt(this.client, attempt)),
    );
  }
}

function outcomeInBody({ attempt, outcome, data, delay, cause, final }: AttemptOutcome): object {
  return {
    url: urlOf(attempt),
    outcome,
    data: data === undefined ? undefined : dataInBody(data),
    delay: delay === undefined ? undefined : nanoseconds(delay),
    cause,
    final,
  };
}

function urlOf(attempt: AttemptOrUrl): string {
  return typeof attempt === 'string' ? attempt : attempt.url;
}

function resultsOf(
  { value }: Reply<Bodies['AttemptOutcomeResults']>,
  attempts: readonly AttemptOrUrl[],
): AttemptResult[] {
  return value.results.map(({ status, error, message = '' }, i) => {
    const attempt = attempts[i];
    return error === undefined ? { attempt, status } : { attempt, error: errorOfItem(error, message) };
  });
}
