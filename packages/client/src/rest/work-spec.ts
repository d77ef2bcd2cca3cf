import type { components } from '../generated/bodies.js';
import type { RawCbor } from '../cbor/values.js';
import type { Data, DataObject } from '../data/forms.js';
import { dataInBody } from '../data/forms.js';
import type { Name } from '../names.js';
import { nameOfLink, pathPart } from '../names.js';
import type { CallOptions } from '../waiting.js';
import type { Cancellation } from './attempt.js';
import type { AddOptions, AddProgress, UnitToAdd } from './adding.js';
import { addUnits } from './adding.js';
import type { History, HistoryQuery } from './history.js';
import { readHistory } from './history.js';
import type { ListOptions } from './pages.js';
import { continuationOf, pagesOf } from './pages.js';
import type { Call, RestClient, Warning } from './rest-client.js';
import type { UnitCounts, UnitQuery } from './unit-query.js';
import { NO_UNITS, queriesOfChange, splitByNames, sumOfCounts } from './unit-query.js';
import type { ListedUnit } from './work-unit.js';
import { listedUnit, WorkUnitHandle } from './work-unit.js';
import type { WorkSpecControl, WorkSpecMeta } from './work-spec-meta.js';
import { controlInBody, metaOf, settable } from './work-spec-meta.js';

type Bodies = components['schemas'];

type UnitPart = 'data' | 'attempt' | 'meta';

export interface UnitListOptions extends UnitQuery, CallOptions {
  /** What each unit has besides its name: its `data`; its status, and the `attempt` that this is read from; of its `meta` when it runs. */
  readonly include?: UnitPart | readonly UnitPart[];
}

/** What units are failed by. */
export interface FailureCause {
  /** What a query has as `failure`. */
  readonly id: string;
  readonly cause: string;
  /** How many units are failed by it now. */
  readonly count: number;
  /** When the first of them failed. */
  readonly first: Date;
  readonly last: Date;
  /** Names of some of them. */
  readonly examples: readonly Name[];
}

export interface UnitCountOptions extends Omit<UnitQuery, 'limit'>, CallOptions {
  /** Told of what has been counted so far, and how many units had to be looked at for it. */
  readonly onProgress?: (progress: { readonly counts: UnitCounts; readonly lookedAt: number }) => void;
}

export interface UnitChangeOptions extends UnitQuery, CallOptions {}

/** A work spec of a namespace, by its name, whether it is there or not. */
export class WorkSpecHandle {
  private readonly path: string;

  constructor(
    private readonly client: RestClient,
    private readonly namespacePath: string,
    readonly name: string,
  ) {
    this.path = `${namespacePath}/work_spec/${pathPart(name)}`;
  }

  /**
   * Makes it, and its namespace, or gives it a new definition; every control value is set anew from that.
   * @param definition need not say the name
   * @returns what in it looks mistyped
   */
  async set(definition: DataObject = {}, options?: CallOptions): Promise<readonly Warning[]> {
    return setWorkSpec(this.client, this.namespacePath, { ...definition, name: this.name }, options);
  }

  /** Its definition, as it was given. @throws NoSuchWorkSpecError */
  async get<D = DataObject>(options?: CallOptions): Promise<D> {
    const { client, path } = this;
    const query = [client.dataQuery];
    const { value, data } = await client.call<Bodies['WorkSpec']>({ method: 'GET', path, query }, options);
    return data.read(value.data) as D;
  }

  /** Deletes it and all its units. @throws NoSuchWorkSpecError */
  async delete(options?: CallOptions): Promise<void> {
    await this.client.call({ method: 'DELETE', path: this.path }, options);
  }

  /** How many units there are in each status. @throws NoSuchWorkSpecError */
  async counts(options?: CallOptions): Promise<UnitCounts> {
    const path = `${this.path}/counts`;
    const { value } = await this.client.call<Bodies['WorkUnitCounts']>({ method: 'GET', path }, options);
    return { ...NO_UNITS, ...value };
  }

  /**
   * How many units a query selects, by status: counted a bounded number at a time where the daemon has to look at them, so that units
   * which change meanwhile are counted as one of these looks finds them. Signal and timeout are those of each request.
   * @throws NoSuchWorkSpecError
   */
  async countUnits({ onProgress, ...query }: UnitCountOptions = {}): Promise<UnitCounts> {
    const { signal, timeout } = query;
    let counts = NO_UNITS;
    let lookedAt = 0;
    for (const parts of splitByNames(query)) {
      for (let asked: string[] | undefined = parts; asked !== undefined;) {
        const call: Call = { method: 'GET', path: `${this.path}/work_unit_counts`, query: asked };
        const { value } = await this.client.call<Bodies['SelectedWorkUnitCounts']>(call, { signal, timeout });
        counts = sumOfCounts(counts, value.counts);
        onProgress?.({ counts, lookedAt: (lookedAt += value.looked_at ?? 0) });
        asked = value.next_url === undefined ? undefined : continuationOf(value.next_url, parts);
      }
    }
    return counts;
  }

  /** What happened to its work, and when. @throws NoSuchWorkSpecError */
  history(query: HistoryQuery = {}): Promise<History> {
    return readHistory(this.client, this.path, query);
  }

  /** @throws NoSuchWorkSpecError */
  async meta({ counts = false, ...options }: CallOptions & { readonly counts?: boolean } = {}): Promise<WorkSpecMeta> {
    return metaOf(await this.readMeta(options, counts));
  }

  /** Sets all control values: what is absent becomes 0, false, no time, or weight 20. @throws NoSuchWorkSpecError */
  setMeta(meta: WorkSpecControl, options?: CallOptions): Promise<void> {
    return this.writeMeta(controlInBody(meta), options);
  }

  /**
   * Sets some control values and leaves the others as they are: they are read and sent back, so that a change that somebody else
   * makes in between is lost. @throws NoSuchWorkSpecError
   */
  async changeMeta(changes: WorkSpecControl, options?: CallOptions): Promise<void> {
    const present = Object.fromEntries(
      Object.entries(controlInBody(changes)).filter(([, value]) => value !== undefined),
    );
    await this.writeMeta({ ...settable(await this.readMeta(options)), ...present }, options);
  }

  /** No work of it is handed out any more. @throws NoSuchWorkSpecError */
  pause(options?: CallOptions): Promise<void> {
    return this.changeMeta({ paused: true }, options);
  }

  /** @throws NoSuchWorkSpecError */
  resume(options?: CallOptions): Promise<void> {
    return this.changeMeta({ paused: false }, options);
  }

  /**
   * Makes a unit as a slot of its schedule does, now and whatever there is still to be done.
   * @returns its name
   * @throws NoSuchWorkSpecError, NoScheduleError
   */
  async runSchedule(options?: CallOptions): Promise<string> {
    const path = `${this.path}/schedule/run`;
    const { value } = await this.client.call<Bodies['WorkUnitShort']>({ method: 'POST', path }, options);
    return value.name;
  }

  /**
   * Adds units, or replaces those of their names: any number of them, in batches, each of which is added as a whole or not at all.
   * They are taken from the iterable as they can be sent. Where one is refused, those of the batches before it stay.
   *
   * @throws NoSuchWorkSpecError, InvalidValueError naming the place of a unit
   */
  add(units: Iterable<UnitToAdd> | AsyncIterable<UnitToAdd>, options: AddOptions = {}): Promise<AddProgress> {
    return addUnits(this.client, `${this.path}/add`, units, options);
  }

  /** A unit of it. */
  unit(name: Name): WorkUnitHandle {
    return new WorkUnitHandle(this.client, this.path, name);
  }

  /** The units of a query, bytewise by name, read a page at a time while they are taken. @throws NoSuchWorkSpecError */
  async *units<D = DataObject>(query: UnitListOptions = {}): AsyncGenerator<ListedUnit<D>, void, undefined> {
    const { include = [], limit = Infinity, signal, timeout } = query;
    const includes = [include].flat().map((one) => `include=${one}`);
    const more = includes.length === 0 ? [] : [...includes, this.client.dataQuery];
    let left = limit;
    for (const parts of splitByNames(query)) {
      const list = { path: `${this.path}/work_unit`, query: [...parts, ...more] };
      const units = pagesOf(this.client, list, { limit: left, signal, timeout }, (page: Bodies['WorkUnitList'], data) =>
        page.work_units.map((unit) => listedUnit<D>(unit, data)),
      );
      for await (const unit of units) {
        yield unit;
        left--;
      }
    }
  }

  /** Why its units failed that are failed now: the causes, those of most units first. @throws NoSuchWorkSpecError */
  async failures({ limit, ...options }: ListOptions = {}): Promise<FailureCause[]> {
    const query = limit === undefined ? [] : [`limit=${limit}`];
    const call: Call = { method: 'GET', path: `${this.path}/failures`, query };
    const { value } = await this.client.call<Bodies['FailureList']>(call, options);
    return value.failures.map(({ id, cause, count, first, last, example }) => {
      return { id, cause, count, first: new Date(first), last: new Date(last), examples: example.map(nameOfLink) };
    });
  }

  /** Gives those of the units that have failed another try; with `status: 'finished'` those that are finished. @returns how many */
  async retry(query: UnitQuery & { readonly status?: 'failed' | 'finished' } & CallOptions = {}): Promise<number> {
    const values = await this.change<Bodies['WorkUnitsRetried']>({ method: 'POST', path: `${this.path}/retry` }, query);
    return values.reduce((sum, { Retried }) => sum + Retried, 0);
  }

  /**
   * Stops the attempts of those of the units that are pending, as `cancel` of an attempt does. It is not sent again when its answer was
   * lost: others may be at them by then. @returns how many
   */
  async cancel({ reason, release, ...query }: UnitChangeOptions & Cancellation = {}): Promise<number> {
    const call: Call = { method: 'POST', path: `${this.path}/cancel`, body: { reason, release } };
    const values = await this.change<Bodies['WorkUnitsCancelled']>(call, query);
    return values.reduce((sum, { Cancelled }) => sum + Cancelled, 0);
  }

  /** Deletes units and their attempts: all of them without a query. @returns how many */
  async deleteUnits(query: UnitChangeOptions = {}): Promise<number> {
    const path = `${this.path}/work_unit`;
    const values = await this.change<Bodies['WorkUnitsDeleted']>({ method: 'DELETE', path }, query);
    return values.reduce((sum, { Deleted }) => sum + Deleted, 0);
  }

  /** Sets the priority of units. */
  async setPriority(priority: number, query: UnitChangeOptions = {}): Promise<void> {
    const path = `${this.path}/change`;
    await this.change({ method: 'POST', path, body: { meta: { priority } }, isRepeatable: true }, query);
  }

  /** Adds to the priority of units. */
  async adjustPriority(by: number, query: UnitChangeOptions = {}): Promise<void> {
    await this.change({ method: 'POST', path: `${this.path}/adjust`, body: { meta: { priority: by } } }, query);
  }

  /** Makes a change to what a query selects: one request after another where it has many names. */
  private async change<T>(call: Call, query: UnitChangeOptions): Promise<T[]> {
    const { signal, timeout } = query;
    const values: T[] = [];
    for (const parts of queriesOfChange(query)) {
      values.push((await this.client.call<T>({ ...call, query: parts }, { signal, timeout })).value);
    }
    return values;
  }

  private async readMeta(options?: CallOptions, counts = false): Promise<Bodies['WorkSpecMeta']> {
    const call: Call = { method: 'GET', path: `${this.path}/meta`, query: counts ? ['counts=true'] : [] };
    return (await this.client.call<Bodies['WorkSpecMeta']>(call, options)).value;
  }

  private async writeMeta(body: Bodies['NewWorkSpecMeta'], options?: CallOptions): Promise<void> {
    await this.client.call({ method: 'PUT', path: `${this.path}/meta`, body, isRepeatable: true }, options);
  }
}

/** @param definition its `name` says which work spec */
export async function setWorkSpec(
  client: RestClient,
  namespacePath: string,
  definition: Data | RawCbor,
  options?: CallOptions,
): Promise<readonly Warning[]> {
  const body = { data: dataInBody(definition) };
  const path = `${namespacePath}/work_spec`;
  const { value } = await client.call<Bodies['WorkSpecSet']>(
    { method: 'POST', path, body, isRepeatable: true },
    options,
  );
  return value.warnings ?? [];
}
