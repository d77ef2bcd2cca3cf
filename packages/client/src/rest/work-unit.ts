import type { components } from '../generated/bodies.js';
import type { RawCbor } from '../cbor/values.js';
import type { Data, DataObject, DataReader } from '../data/forms.js';
import { dataInBody } from '../data/forms.js';
import type { Name } from '../names.js';
import { pathPart, shownName } from '../names.js';
import { dateOf, timeText } from '../time.js';
import type { CallOptions } from '../waiting.js';
import { ListedAttempt } from './attempt.js';
import type { ListOptions } from './pages.js';
import { pagesOf } from './pages.js';
import type { RestClient } from './rest-client.js';
import type { WorkUnitStatus } from './unit-query.js';

type Bodies = components['schemas'];

/** A work unit as it was when it was read. */
export interface WorkUnitRecord<D = DataObject> {
  readonly name: Name;
  readonly status: WorkUnitStatus;
  /** Those of its active attempt where that has some, else its own. */
  readonly data: D;
  readonly priority: number;
  readonly notBefore: Date | undefined;
  /** Of one that failed: the id of the cause, as `failures` has it. */
  readonly failure: string | undefined;
  /** The address of the attempt that its status is read from. */
  readonly activeAttempt: string | undefined;
}

/** A work unit in a list; what it has besides its name was asked for. */
export interface ListedUnit<D = DataObject> {
  readonly name: Name;
  readonly status?: WorkUnitStatus;
  /** Who does it or did it. */
  readonly attempt?: UnitAttempt;
  /** Of one that failed, with `attempt`: the id of the cause. */
  readonly failure?: string;
  /** With `meta`; a unit that may be handed out at any time has no `notBefore`. */
  readonly priority?: number;
  readonly notBefore?: Date;
  readonly data?: D;
}

export interface UnitAttempt {
  readonly url: string;
  readonly worker: Name;
  readonly startTime: Date;
  readonly endTime: Date | undefined;
  readonly expiration: Date | undefined;
  /** Why it failed, where it did and says so. */
  readonly traceback?: string;
}

export interface UnitChange extends CallOptions {
  readonly priority?: number;
  /** null: it may be handed out at once. */
  readonly notBefore?: Date | null;
}

/** A unit of a work spec, by its name, whether it is there or not. */
export class WorkUnitHandle {
  private readonly path: string;

  constructor(
    private readonly client: RestClient,
    specPath: string,
    readonly name: Name,
  ) {
    this.path = `${specPath}/work_unit/${pathPart(name)}`;
  }

  /** @throws NoSuchWorkSpecError, NoSuchWorkUnitError */
  async get<D = DataObject>(options?: CallOptions): Promise<WorkUnitRecord<D>> {
    const { client, path } = this;
    const query = [client.dataQuery];
    const { value, data } = await client.call<Bodies['WorkUnit']>({ method: 'GET', path, query }, options);
    return {
      name: shownName(value.name, value.url),
      status: value.status,
      data: data.read(value.data) as D,
      priority: value.meta.priority,
      notBefore: dateOf(value.meta.not_before),
      failure: value.failure,
      activeAttempt: value.active_attempt_url,
    };
  }

  /** Changes when it runs; what is absent stays. @throws NoSuchWorkSpecError, NoSuchWorkUnitError */
  async change({ priority, notBefore, ...options }: UnitChange): Promise<void> {
    const body = { meta: { priority, not_before: notBefore === undefined ? undefined : timeText(notBefore) } };
    await this.client.call({ method: 'PUT', path: this.path, body, isRepeatable: true }, options);
  }

  /**
   * Gives it other data: it reads so from then on, and its next attempt gets them. It stays as it is otherwise.
   * @throws PendingError while a worker is at it, NoSuchWorkSpecError, NoSuchWorkUnitError
   */
  async edit(data: Data | RawCbor, options?: CallOptions): Promise<void> {
    const body = { data: dataInBody(data) };
    await this.client.call({ method: 'PUT', path: this.path, body, isRepeatable: true }, options);
  }

  /**
   * Takes its active attempt away, so that it is available again. It is not sent again when its answer was lost: another worker may
   * have it by then. @throws NoSuchWorkSpecError, NoSuchWorkUnitError
   */
  async clear(options?: CallOptions): Promise<void> {
    const body: Bodies['WorkUnitChange'] = { active_attempt_url: '-' };
    await this.client.call({ method: 'PUT', path: this.path, body }, options);
  }

  /** All attempts at it, oldest first. @throws NoSuchWorkSpecError, NoSuchWorkUnitError */
  attempts(options: ListOptions = {}): AsyncGenerator<ListedAttempt> {
    const { client, path } = this;
    return pagesOf(client, { path: `${path}/attempts` }, options, ({ attempts }: Bodies['AttemptList']) =>
      attempts.map((attempt) => new ListedAttempt(client, attempt)),
    );
  }

  /** @throws NoSuchWorkSpecError, NoSuchWorkUnitError */
  async countAttempts(options?: CallOptions): Promise<number> {
    const path = `${this.path}/num-attempts`;
    return (await this.client.call<number>({ method: 'GET', path }, options)).value;
  }
}

/** A unit of a list. */
export function listedUnit<D>(json: Bodies['WorkUnitListed'], reader: DataReader): ListedUnit<D> {
  const { name, url, status, attempt, data, failure, meta } = json;
  const notBefore = meta && dateOf(meta.not_before);
  return {
    name: shownName(name, url),
    ...(status !== undefined && { status }),
    ...(attempt !== undefined && { attempt: unitAttempt(attempt) }),
    ...(failure !== undefined && { failure }),
    ...(meta !== undefined && { priority: meta.priority }),
    ...(notBefore !== undefined && { notBefore }),
    ...(data !== undefined && { data: reader.read(data) as D }),
  };
}

function unitAttempt(json: Bodies['WorkUnitAttempt']): UnitAttempt {
  const { url, worker, worker_url, start_time, end_time, expiration_time, traceback } = json;
  return {
    url,
    worker: shownName(worker, worker_url),
    startTime: new Date(start_time),
    endTime: dateOf(end_time),
    expiration: dateOf(expiration_time),
    ...(traceback !== undefined && { traceback }),
  };
}
