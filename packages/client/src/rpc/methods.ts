import type { Data } from '../data/forms.js';
import type { Name } from '../names.js';

/** States of work units on the wire. A delayed unit has state 1. */
export const UnitState = { available: 1, pending: 3, finished: 4, failed: 5 } as const;
export type UnitState = (typeof UnitState)[keyof typeof UnitState];

/** A value, and a message where something is to be said about it. */
export type Answer<T> = [value: T, message: string | null];
export type UnitMeta = { readonly priority?: number; readonly delay?: number };
/** A key alone has empty data. */
export type NewUnit =
  | Name
  | readonly [key: Name, data: Data | null]
  | readonly [key: Name, data: Data | null, meta: UnitMeta]
  | readonly [key: Name, data: Data | null, meta: UnitMeta, priority: number];
export type ClaimedUnit = [spec: string, key: Name, data: Data];

export interface ClaimOptions {
  /** Seconds; 300 where it is absent. */
  readonly lease_time?: number;
  /** With 1, or without it, one unit comes back, or three nulls; with more a list. */
  readonly max_jobs?: number;
  readonly work_spec_names?: readonly string[] | null;
  readonly available_gb?: number;
  /** Specs of these runtimes only; without it those of Python 2 and of no runtime. */
  readonly runtimes?: readonly string[] | null;
  /** Seconds to wait for work where there is none. The timeout of the call comes on top; what is sent behind it waits as well. */
  readonly wait?: number;
}

export interface ReportOptions {
  /** Seconds. */
  readonly lease_time?: number;
  readonly status?: UnitState;
  readonly data?: Data;
  /** Who reports: a worker that says so changes nothing while another one holds the unit. */
  readonly worker_id?: Name;
}

export interface SpecControl {
  /** 1 runnable, 2 paused. */
  readonly status?: 1 | 2;
  readonly continuous?: boolean;
  readonly weight?: number;
  /** Seconds. */
  readonly interval?: number;
  readonly max_running?: number;
  readonly priority?: number;
}

export interface UnitSelection {
  readonly work_unit_keys?: readonly Name[];
  readonly state?: UnitState | readonly UnitState[];
}

export interface UnitWindow extends UnitSelection {
  /** Names greater than this one. */
  readonly start?: Name;
  /** 1,000 where it is absent, at most 10,000. */
  readonly limit?: number;
}

export interface UnitStatus {
  readonly status: UnitState;
  /** Unix seconds; null while available. */
  readonly expiration: number | null;
  readonly worker_id?: Name;
  readonly traceback?: unknown;
}

export interface ChildUnit {
  readonly work_spec_name: string;
  readonly work_unit_key: Name;
  readonly work_unit_data: Data;
  /** The present holder, null if nobody. */
  readonly worker_id: Name | null;
  readonly expires: number | null;
}

/** Who calls, where, and what it may do there. */
export interface Hello {
  /** Of the daemon. */
  readonly version: string;
  readonly namespace: string;
  readonly caller: string;
  readonly rights: readonly string[];
}

type LockPath = readonly unknown[];
type ByName<T> = Record<string, T>;

/** What each method takes and answers, by its name on the wire. */
export interface RpcMethods {
  set_work_spec: { params: [spec: Data]; result: Answer<boolean> };
  get_work_spec: { params: [name: string]; result: Data | null };
  list_work_specs: {
    params: [options?: { readonly start?: string; readonly limit?: number }];
    result: [specs: Data[], next: string | null];
  };
  del_work_spec: { params: [name: string]; result: Answer<boolean> };
  clear: { params: []; result: number };
  control_work_spec: { params: [name: string, options: SpecControl]; result: Answer<boolean> };
  get_work_spec_meta: { params: [name: string]; result: Answer<Required<SpecControl> | null> };
  add_work_units: { params: [spec: string, units: readonly NewUnit[]]; result: Answer<boolean> };
  /** Keys are numbers of states; as object keys they are text. */
  count_work_units: { params: [spec: string]; result: Answer<Map<number, number>> };
  get_work_units: {
    params: [spec: string, options: UnitWindow];
    result: Answer<[key: Name, data: Data | null][] | null>;
  };
  get_work_unit_status: { params: [spec: string, keys: readonly Name[]]; result: Answer<(UnitStatus | null)[] | null> };
  prioritize_work_units: {
    params: [
      spec: string,
      options: { readonly work_unit_keys: readonly Name[]; readonly priority?: number; readonly adjustment?: number },
    ];
    result: Answer<boolean>;
  };
  del_work_units: {
    params: [spec: string, options: UnitSelection & { readonly all?: boolean }];
    result: Answer<number>;
  };
  cancel_work_units: {
    params: [
      spec: string,
      options: {
        readonly all?: boolean;
        readonly work_unit_keys?: readonly Name[];
        readonly worker_id?: Name;
        readonly reason?: string;
        readonly release?: boolean;
      },
    ];
    result: Answer<number>;
  };
  edit_work_unit: { params: [spec: string, key: Name, data: Data]; result: Answer<boolean> };
  get_work: {
    params: [worker: Name, options?: ClaimOptions];
    result: Answer<ClaimedUnit[] | ClaimedUnit | [null, null, null]>;
  };
  update_work_unit: { params: [spec: string, key: Name, options: ReportOptions]; result: Answer<boolean> };
  archive: { params: [options?: { readonly work_spec_names?: readonly string[] }]; result: null };
  worker_heartbeat: {
    params: [worker: Name, mode: string | null, expireSeconds: number, data: Data | null, parent: Name | null];
    result: Answer<boolean>;
  };
  worker_unregister: { params: [worker: Name]; result: Answer<boolean> };
  list_worker_modes: { params: []; result: Answer<ByName<string>> };
  mode_counts: { params: []; result: Answer<ByName<number>> };
  get_worker_info: {
    params: [worker: Name];
    result: Answer<(Record<string, unknown> & { age_seconds: number }) | null>;
  };
  worker_stats: { params: []; result: { num_workers: number; num_children: number; num_expirable: number } };
  get_child_work_units: { params: [parent: Name]; result: Answer<ByName<ChildUnit[]>> };
  /** Of this connection alone: a client that has a `token` or a `namespace` says it whenever it connects. */
  hello: {
    params: [options?: { readonly token?: string; readonly namespace?: string; readonly client?: string }];
    result: Answer<Hello>;
  };
  get_config: { params: []; result: Answer<Record<string, unknown>> };
  /** Unix seconds. */
  now: { params: []; result: number };
  lock: { params: [locker: string, seconds: number | null, paths: readonly LockPath[]]; result: Answer<boolean> };
  locksome: {
    params: [locker: string, seconds: number | null, paths: readonly LockPath[]];
    result: [(LockPath | null)[]];
  };
  renew: { params: [locker: string, seconds: number | null, paths: readonly LockPath[]]; result: Answer<boolean> };
  readlock: { params: [paths: readonly LockPath[]]; result: (string | null)[] };
  unlock: { params: [locker: string, paths: readonly LockPath[]]; result: Answer<boolean> };
  delete_namespace: { params: [prefix: LockPath]; result: number };
}

export type RpcMethod = keyof RpcMethods;

/**
 * What may be carried out twice without harm, and is sent again when its answer was lost with the connection. A claim is
 * not among them, since the units of the first one would be nobody's until their leases end; nor is adding, since a worker
 * may have finished a unit in between, which the second one would make available again.
 */
export const REPEATABLE: ReadonlySet<string> = new Set<RpcMethod>([
  'set_work_spec',
  'get_work_spec',
  'list_work_specs',
  'control_work_spec',
  'get_work_spec_meta',
  'count_work_units',
  'get_work_units',
  'get_work_unit_status',
  'archive',
  'worker_heartbeat',
  'list_worker_modes',
  'mode_counts',
  'get_worker_info',
  'worker_stats',
  'get_child_work_units',
  'get_config',
  'now',
  'renew',
  'readlock',
]);
