import type { Right } from '../../access/right.js';
import type { AttemptRepository } from '../../attempts/attempt.repository.js';
import type { DaemonRepository } from '../../daemons/daemon.repository.js';
import type { AttemptChange } from '../../domain/attempt.js';
import type { Clock } from '../../domain/time.js';
import { defineWorkSpec, type WorkSpecDefinition } from '../../domain/work-spec.js';
import type { HistoryRepository } from '../../live/history/history.repository.js';
import type { OverviewRepository } from '../../live/overview/overview.repository.js';
import type { LockRepository } from '../../locks/lock.repository.js';
import type { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import type { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import type { ScheduleRepository } from '../../schedules/schedule.repository.js';
import type { SessionRepository } from '../../sessions/session.repository.js';
import type { WorkSpecRepository } from '../../work-specs/work-spec.repository.js';
import type { WorkUnitRepository } from '../../work-units/work-unit.repository.js';
import type { WorkerRepository } from '../../workers/worker.repository.js';
import {
  ATTEMPT_CHANGE,
  ATTEMPT_REF,
  CANCELLATION,
  CLAIM_REQUEST,
  HISTORY_WINDOW,
  LOCK_PATH,
  MAKE_REQUEST,
  META_CHANGE,
  NEW_SESSION,
  NEW_UNIT,
  PRIORITY_CHANGE,
  REPORT,
  RETENTION,
  RETENTION_SCOPE,
  SPEC_WINDOW,
  UNIT_CHANGE,
  UNIT_QUERY,
  WORKER_CHANGE,
  WORKER_QUERY,
} from './model.js';
import {
  amount,
  byteName,
  byteText,
  choice,
  data,
  flag,
  list,
  micros,
  object,
  optional,
  type Shape,
  text,
  textName,
  whole,
} from './shape.js';

/** A method of a repository, as another daemon may call it. */
export interface StorageCall {
  /**
   * What its caller must have, in the namespace that it names or, where it names none, in all; `known`: to be anybody who is known.
   */
  readonly needs: Right | 'known' | ((args: readonly unknown[]) => Right);
  /** Its parameters by their names, in their order. */
  readonly takes: Readonly<Record<string, Shape<unknown>>>;
  /** Whether it only asks. What changes something, and had its answer lost, may have taken place. */
  readonly asks?: true;
  /** Whether it is done in no time: such calls go together in one request. */
  readonly isQuick?: true;
  /** The method gives a list that is read in windows; the call, its next `most` behind `after`, which are its last parameters. */
  readonly isWindow?: true;
}

/** A call for each method of a repository. */
type CallsOf<R> = {
  readonly [M in keyof R as R[M] extends (...args: never[]) => unknown ? M : never]: StorageCall;
};

const SPEC = { namespace: textName, workSpec: text };
const UNIT = { ...SPEC, name: byteText };
const SELECTED = { ...SPEC, query: UNIT_QUERY };
const AFTER = { after: optional(whole), most: amount };

/** A definition goes as its data alone: all else that it says follows from those. */
const DEFINITION: Shape<WorkSpecDefinition> = (value, field) => defineWorkSpec(object({ data })(value, field).data);

/** To stop somebody else's attempt is not what workers do. */
const rightToChange = ({ action }: AttemptChange): Right =>
  action === 'cancel' || action === 'recall' ? 'submit' : 'work';

const namespaces = {
  list: { needs: 'read', takes: {}, asks: true },
  ensure: { needs: 'admin', takes: { namespace: textName } },
  exists: { needs: 'read', takes: { namespace: textName }, asks: true, isQuick: true },
  destroy: { needs: 'admin', takes: { namespace: textName } },
  summarize: { needs: 'read', takes: { namespace: optional(textName) }, asks: true },
  conditions: { needs: 'read', takes: {}, asks: true },
} as const satisfies CallsOf<NamespaceRepository>;

const specs = {
  set: { needs: 'define', takes: { namespace: textName, definition: DEFINITION } },
  redefine: { needs: 'define', takes: { namespace: textName, definition: DEFINITION } },
  find: { needs: 'read', takes: { namespace: textName, name: text }, asks: true, isQuick: true },
  missing: { needs: 'read', takes: { namespace: textName, names: list(text) }, asks: true, isQuick: true },
  list: { needs: 'read', takes: { namespace: textName, window: optional(SPEC_WINDOW) }, asks: true },
  measure: { needs: 'read', takes: { namespace: textName, window: SPEC_WINDOW }, asks: true },
  delete: { needs: 'admin', takes: { namespace: textName, name: text } },
  clear: { needs: 'admin', takes: { namespace: textName } },
  meta: { needs: 'read', takes: { namespace: textName, name: text, withCounts: flag }, asks: true, isQuick: true },
  changeMeta: {
    needs: 'admin',
    takes: {
      namespace: textName,
      name: text,
      change: META_CHANGE,
      options: optional(object({ strict: optional(flag) })),
    },
  },
  counts: { needs: 'read', takes: { namespace: textName, name: text }, asks: true, isQuick: true },
} as const satisfies CallsOf<WorkSpecRepository>;

const units = {
  add: { needs: 'submit', takes: { ...SPEC, units: list(NEW_UNIT) }, isQuick: true },
  get: { needs: 'read', takes: UNIT, asks: true, isQuick: true },
  getMany: { needs: 'read', takes: { ...SPEC, names: list(byteText) }, asks: true, isQuick: true },
  list: { needs: 'read', takes: SELECTED, asks: true },
  listNames: { needs: 'read', takes: SELECTED, asks: true },
  search: { needs: 'read', takes: SELECTED, asks: true },
  count: { needs: 'read', takes: SELECTED, asks: true },
  failures: { needs: 'read', takes: { ...SPEC, limit: amount }, asks: true },
  measure: { needs: 'read', takes: SELECTED, asks: true },
  change: { needs: 'submit', takes: { ...UNIT, change: UNIT_CHANGE }, isQuick: true },
  prioritize: { needs: 'submit', takes: { ...SELECTED, change: PRIORITY_CHANGE } },
  clear: { needs: 'submit', takes: SELECTED },
  cancel: { needs: 'submit', takes: { ...SELECTED, cancellation: CANCELLATION } },
  delete: { needs: 'submit', takes: SELECTED },
  attempts: { needs: 'read', takes: UNIT, asks: true },
  history: { needs: 'read', takes: { ...UNIT, ...AFTER }, asks: true, isWindow: true },
  numAttempts: { needs: 'read', takes: UNIT, asks: true, isQuick: true },
} as const satisfies CallsOf<WorkUnitRepository>;

const attempts = {
  claim: { needs: 'work', takes: { namespace: textName, request: CLAIM_REQUEST }, isQuick: true },
  undoClaim: { needs: 'work', takes: { namespace: textName, attempts: list(ATTEMPT_REF) }, isQuick: true },
  make: { needs: 'work', takes: { namespace: textName, request: MAKE_REQUEST }, isQuick: true },
  get: { needs: 'read', takes: { namespace: textName, ref: ATTEMPT_REF }, asks: true, isQuick: true },
  change: {
    needs: ([, change]) => rightToChange(change as AttemptChange),
    takes: { namespace: textName, change: ATTEMPT_CHANGE },
    isQuick: true,
  },
  changeMany: {
    needs: ([, changes]) =>
      (changes as AttemptChange[]).some((one) => rightToChange(one) === 'submit') ? 'submit' : 'work',
    takes: { namespace: textName, changes: list(ATTEMPT_CHANGE) },
    isQuick: true,
  },
  report: { needs: 'work', takes: { namespace: textName, report: REPORT }, isQuick: true },
  listOf: {
    needs: 'read',
    takes: {
      namespace: textName,
      worker: byteText,
      which: choice(['active', 'all', 'stopped', 'of children']),
      ...AFTER,
    },
    asks: true,
    isWindow: true,
  },
} as const satisfies CallsOf<AttemptRepository>;

const workers = {
  find: { needs: 'read', takes: { namespace: textName, name: byteText }, asks: true, isQuick: true },
  ensure: { needs: 'work', takes: { namespace: textName, name: byteName }, isQuick: true },
  change: { needs: 'work', takes: { namespace: textName, name: byteName, change: WORKER_CHANGE }, isQuick: true },
  deactivate: { needs: 'work', takes: { namespace: textName, name: byteText }, isQuick: true },
  list: { needs: 'read', takes: { namespace: textName, query: WORKER_QUERY }, asks: true },
  stats: { needs: 'read', takes: { namespace: textName }, asks: true },
  claimedByChildren: { needs: 'read', takes: { namespace: textName, parent: byteText }, asks: true },
} as const satisfies CallsOf<WorkerRepository>;

const HELD = { namespace: textName, locker: byteName, timeout: micros, paths: list(LOCK_PATH) };

const locks = {
  lock: { needs: 'work', takes: HELD, isQuick: true },
  lockSome: { needs: 'work', takes: HELD, isQuick: true },
  renew: { needs: 'work', takes: HELD, isQuick: true },
  read: { needs: 'read', takes: { namespace: textName, paths: list(LOCK_PATH) }, asks: true, isQuick: true },
  unlock: { needs: 'work', takes: { namespace: textName, locker: byteName, paths: list(LOCK_PATH) }, isQuick: true },
  drop: { needs: 'work', takes: { namespace: textName, prefix: LOCK_PATH }, isQuick: true },
} as const satisfies CallsOf<LockRepository>;

const maintenance = {
  retain: { needs: 'admin', takes: { policy: RETENTION, scope: RETENTION_SCOPE } },
} as const satisfies CallsOf<MaintenanceRepository>;

const schedules = {
  // It does nothing but what the daemon that is asked does by itself.
  startDue: { needs: 'known', takes: {} },
  runNow: { needs: 'submit', takes: SPEC },
} as const satisfies Omit<CallsOf<ScheduleRepository>, 'tell'>;

/** Whoever can add a session can be anybody, and so may do all that anybody may. */
const sessions = {
  add: { needs: 'admin', takes: { session: NEW_SESSION } },
  find: { needs: 'admin', takes: { hashes: list(text) }, asks: true },
  end: { needs: 'admin', takes: { hash: text } },
} as const satisfies CallsOf<SessionRepository>;

const daemons = {
  list: { needs: 'read', takes: {}, asks: true },
} as const satisfies CallsOf<DaemonRepository>;

const history = {
  ofSpec: { needs: 'read', takes: { ...SPEC, window: HISTORY_WINDOW }, asks: true },
  ofNamespace: { needs: 'read', takes: { namespace: textName, window: HISTORY_WINDOW }, asks: true },
} as const satisfies CallsOf<HistoryRepository>;

const overview = {
  read: { needs: 'read', takes: { namespace: textName }, asks: true },
  failures: {
    needs: 'read',
    takes: { namespace: textName, workSpecs: list(text), since: micros, limit: amount },
    asks: true,
  },
} as const satisfies CallsOf<OverviewRepository>;

const clock = {
  now: { needs: 'known', takes: {}, asks: true, isQuick: true },
} as const satisfies CallsOf<Clock>;

/** All that a daemon in front of another asks of it, by repository and method. */
export const STORAGE_CALLS = {
  namespaces,
  specs,
  units,
  attempts,
  workers,
  locks,
  maintenance,
  schedules,
  sessions,
  daemons,
  history,
  overview,
  clock,
};

export type CalledRepository = keyof typeof STORAGE_CALLS;

/** By their names, such as `units.add`. */
export const CALLS_BY_NAME: ReadonlyMap<string, StorageCall> = new Map(
  Object.entries(STORAGE_CALLS).flatMap(([repository, methods]) =>
    Object.entries<StorageCall>(methods).map(([method, call]) => [`${repository}.${method}`, call] as const),
  ),
);

/** Where a call takes place; undefined: in no namespace alone. */
export function namespaceOf(call: StorageCall, args: readonly unknown[]): string | undefined {
  const names = Object.keys(call.takes);
  const at = names.indexOf('namespace');
  if (at >= 0) return args[at] as string | undefined;
  const scope = names.indexOf('scope');
  return scope < 0 ? undefined : (args[scope] as { namespace: string }).namespace;
}

/** The name of the work spec that a call is about; undefined: it is about none alone. @param name - of the call */
export function workSpecOf(name: string, { takes }: StorageCall, args: readonly unknown[]): string | undefined {
  const said = Object.fromEntries(Object.keys(takes).map((key, at) => [key, args[at]])) as {
    readonly definition?: WorkSpecDefinition;
    readonly workSpec?: string;
    readonly name?: string;
    readonly change?: Partial<AttemptChange>;
  };
  if (name.startsWith('specs.')) return said.definition?.name ?? said.name;
  return said.workSpec ?? said.change?.ref?.workSpec;
}
