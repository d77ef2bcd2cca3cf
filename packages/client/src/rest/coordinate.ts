import type { components } from '../generated/bodies.js';
import type { RawCbor } from '../cbor/values.js';
import type { Data, DataObject } from '../data/forms.js';
import type { Name } from '../names.js';
import { nameOfLink, pathPart, shownName } from '../names.js';
import { dateOf } from '../time.js';
import type { CallOptions } from '../waiting.js';
import type { Attempt } from './attempt.js';
import { getAttempt } from './attempt.js';
import { type ListedDaemon, listDaemons } from './daemons.js';
import type { CoordinateEvent } from './events.js';
import { listen } from './events.js';
import type { History, HistoryQuery } from './history.js';
import { readHistory } from './history.js';
import type { NamespaceOverview } from './overview.js';
import { overviewOf } from './overview.js';
import type { ListOptions } from './pages.js';
import { pagesOf } from './pages.js';
import type { Call, Reply, RestClient, Warning } from './rest-client.js';
import { Storage } from './storage.js';
import type { WorkUnitStatus } from './unit-query.js';
import { setWorkSpec, WorkSpecHandle } from './work-spec.js';
import { WorkerHandle } from './worker.js';

type Bodies = components['schemas'];

/** How many units of a work spec are in a status; never 0. */
export interface SummaryRecord {
  readonly namespace: string;
  readonly spec: string;
  readonly status: WorkUnitStatus;
  readonly count: number;
}

/** A worker in a list. */
export interface ListedWorker {
  readonly name: Name;
  readonly active: boolean;
  readonly parent: Name | undefined;
  /** Empty: it has said none. */
  readonly mode: string;
  /** On what host it says it is. */
  readonly host: string | undefined;
  /** How much memory it says it uses, in bytes. */
  readonly memory: number | undefined;
  /** How many units it holds. */
  readonly units: number;
  /** How many units it has finished in the last hour. */
  readonly finishedLastHour: number;
  readonly lastUpdate: Date | undefined;
  /** When it was last given work; undefined: not as long as it has been known. */
  readonly lastClaim: Date | undefined;
}

function listedWorker(worker: Bodies['WorkerShort']): ListedWorker {
  return {
    name: shownName(worker.name, worker.url),
    active: worker.active,
    parent: worker.parent_url === undefined ? undefined : nameOfLink(worker.parent_url),
    mode: worker.mode ?? '',
    host: worker.host,
    memory: worker.memory_bytes,
    units: worker.work_units ?? 0,
    finishedLastHour: worker.finished_last_hour ?? 0,
    lastUpdate: dateOf(worker.last_update),
    lastClaim: worker.last_claim === undefined ? undefined : dateOf(worker.last_claim),
  };
}

/** Which workers, and in which order. */
export interface WorkerListOptions extends ListOptions {
  /** Those alone that are active. */
  readonly active?: boolean;
  /** `last_claim`: those alone that are active, first who has been given nothing for longest. */
  readonly sort?: 'name' | 'last_claim';
}

/** Which attempt, as an attempt says it of itself. */
export interface AttemptRef {
  readonly spec: string;
  readonly unit: Name;
  readonly worker: Name;
  readonly start: string;
}

/** A namespace of a daemon. Nothing is asked of the daemon before something is to be known or done. */
export class Coordinate {
  private readonly path: string;

  constructor(
    /** What makes the requests; the same for all namespaces that come of one `connect`. */
    readonly client: RestClient,
    readonly namespace: string,
  ) {
    this.path = `/namespace/${pathPart(namespace)}`;
  }

  /** Another namespace, by the same connections. */
  in(namespace: string): Coordinate {
    return new Coordinate(this.client, namespace);
  }

  /** A work spec, by its name. */
  spec(name: string): WorkSpecHandle {
    return new WorkSpecHandle(this.client, this.path, name);
  }

  /** Makes a work spec, whose name its definition says. @returns what in it looks mistyped */
  setSpec(definition: Data | RawCbor, options?: CallOptions): Promise<readonly Warning[]> {
    return setWorkSpec(this.client, this.path, definition, options);
  }

  /** The names of the work specs. */
  specs(options: ListOptions = {}): AsyncGenerator<string> {
    const list = { path: `${this.path}/work_spec` };
    return pagesOf(this.client, list, options, ({ work_specs }: Bodies['WorkSpecList']) =>
      work_specs.map(({ name }) => name),
    );
  }

  /** A worker, by its name. */
  worker(name: Name): WorkerHandle {
    return new WorkerHandle(this.client, this.path, name);
  }

  /** The workers, bytewise by name or as `sort` says. */
  workers({ active = false, sort = 'name', ...options }: WorkerListOptions = {}): AsyncGenerator<ListedWorker> {
    const byName = active ? ['active=true'] : [];
    const query = sort === 'name' ? byName : ['active=true', `sort=${sort}`];
    const list = { path: `${this.path}/worker`, query };
    return pagesOf(this.client, list, options, ({ workers }: Bodies['WorkerList']) => workers.map(listedWorker));
  }

  /** An attempt. @throws NoSuchWorkSpecError, NoSuchWorkUnitError, GoneError */
  attempt<D = DataObject>({ spec, unit, worker, start }: AttemptRef, options?: CallOptions): Promise<Attempt<D>> {
    const unitPath = `${this.path}/work_spec/${pathPart(spec)}/work_unit/${pathPart(unit)}`;
    return getAttempt<D>(this.client, `${unitPath}/attempt/${pathPart(worker)}/${encodeURIComponent(start)}`, options);
  }

  /** How the work stands, and how it is getting on: all work specs in one answer. */
  async overview(options?: CallOptions): Promise<NamespaceOverview> {
    const path = `${this.path}/overview`;
    return overviewOf((await this.client.call<Bodies['NamespaceOverview']>({ method: 'GET', path }, options)).value);
  }

  /**
   * What happens, as it happens: how all work specs stand first, then what changes. It goes on until nobody takes it any more or the signal
   * aborts, whatever becomes of the connection.
   */
  events({ signal }: Pick<CallOptions, 'signal'> = {}): AsyncGenerator<CoordinateEvent, void, undefined> {
    return listen(this.client, `${this.path}/events`, signal);
  }

  /** What happened to the work of all work specs, and when. */
  history(query: HistoryQuery = {}): Promise<History> {
    return readHistory(this.client, this.path, query);
  }

  /** How many units of each work spec are in each status. */
  summary(options?: CallOptions): Promise<SummaryRecord[]> {
    return this.summaryAt(`${this.path}/summary`, options);
  }

  /** The same of all namespaces that the caller may read. */
  summaryOfAll(options?: CallOptions): Promise<SummaryRecord[]> {
    return this.summaryAt('/summary', options);
  }

  /** The names of the namespaces that the caller may read. */
  namespaces(options: ListOptions = {}): AsyncGenerator<string> {
    return pagesOf(this.client, { path: '/namespace' }, options, ({ namespaces }: Bodies['NamespaceList']) =>
      namespaces.map(({ name }) => name),
    );
  }

  /** The daemons that work on the same storage, first who gave the latest sign of life. It needs the right to read all namespaces. */
  daemons(options?: CallOptions): Promise<ListedDaemon[]> {
    return listDaemons(this.client, options);
  }

  /** Makes this namespace. Whatever is made in it does that as well. */
  async create(options?: CallOptions): Promise<void> {
    const body = { name: this.namespace };
    await this.client.call({ method: 'POST', path: '/namespace', body, isRepeatable: true }, options);
  }

  /** Destroys this namespace and all in it. */
  async destroy(options?: CallOptions): Promise<void> {
    await this.client.call({ method: 'DELETE', path: this.path }, options);
  }

  /** What the daemon keeps, as a daemon sees it that keeps its state there. */
  storage(): Storage {
    return new Storage(this.client);
  }

  /** Any request of REST, for what has no method here. @throws as all others do */
  request<T>(call: Call, options?: CallOptions): Promise<Reply<T>> {
    return this.client.call<T>(call, options);
  }

  /** Ends the connections, for all namespaces. */
  close(): void {
    this.client.close();
  }

  private async summaryAt(path: string, options?: CallOptions): Promise<SummaryRecord[]> {
    const { value } = await this.client.call<Bodies['SummaryRecord'][]>({ method: 'GET', path }, options);
    return value.map(({ Namespace, WorkSpec, Status, Count }) => {
      return { namespace: Namespace, spec: WorkSpec, status: Status, count: Count };
    });
  }
}
