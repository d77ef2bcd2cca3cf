export interface ErrorEntry {
  /** The status of an answer over REST. */
  readonly status: number;
  /** For people; what differs from one to the next stands in capitals. */
  readonly message: string;
  readonly meaning: string;
  /** Whether answers over REST can have it; over CBOR-RPC messages alone are seen. */
  readonly overRest: boolean;
}

/** Every error of the model by its name on the wire. The classes, OpenAPI and docs/errors.md are made from this. */
export const ERRORS = {
  ErrNoWorkSpecName: {
    status: 400,
    message: "No 'name' key in work spec",
    meaning: 'the definition of a work spec has no name, or an empty one',
    overRest: true,
  },
  ErrBadWorkSpecName: {
    status: 400,
    message: "Work spec 'name' must be a string",
    meaning: 'the name in the definition of a work spec is of another type',
    overRest: true,
  },
  ErrChangedName: {
    status: 400,
    message: "Cannot change work spec 'name'",
    meaning: 'a work spec is put to an address, and its definition names another',
    overRest: true,
  },
  ErrBadPriority: {
    status: 400,
    message: 'priority must be a number',
    meaning: 'the priority of a unit to add is no finite number',
    overRest: false,
  },
  ErrWorkUnitNotList: {
    status: 400,
    message: 'work unit not a list',
    meaning: 'a unit to add is neither a name nor a list',
    overRest: false,
  },
  ErrWorkUnitTooShort: {
    status: 400,
    message: 'too few parameters to work unit',
    meaning: 'a unit to add is a list without name and data',
    overRest: false,
  },
  ErrNoSuchWorkSpec: {
    status: 404,
    message: 'No such work spec "NAME"',
    meaning: 'the namespace has no work spec of that name, which is the `value`',
    overRest: true,
  },
  ErrNoSuchWorkUnit: {
    status: 404,
    message: 'No such work unit "NAME"',
    meaning: 'the work spec has no work unit of that name, which is the `value`',
    overRest: true,
  },
  ErrNoWork: {
    status: 404,
    message: 'No work to do',
    meaning: 'there is no work; a claim of nothing is answered with none instead',
    overRest: false,
  },
  ErrLostLease: {
    status: 409,
    message: 'No longer the active attempt',
    meaning: 'the lease ran out, and the unit is no longer that of the attempt; it is expired now',
    overRest: true,
  },
  ErrNotPending: {
    status: 409,
    message: 'Attempt is not pending',
    meaning: 'the attempt is over and can not be changed',
    overRest: true,
  },
  ErrPending: {
    status: 409,
    message: 'Work unit is pending',
    meaning: 'a worker is at the unit, so that its data can not be changed',
    overRest: true,
  },
  ErrCannotBecomeContinuous: {
    status: 409,
    message: 'Cannot set work spec to continuous',
    meaning: 'the definition of the work spec does not say that it can be continuous',
    overRest: false,
  },
  ErrNoSchedule: {
    status: 409,
    message: 'Work spec has no schedule',
    meaning: 'the work spec has no schedule that could be run',
    overRest: true,
  },
  ErrWrongBackend: {
    status: 409,
    message: 'Cannot combine coordinate objects from different backends',
    meaning: 'what is combined is of two storages; a daemon has one',
    overRest: false,
  },
  ErrGone: {
    status: 410,
    message: 'Object no longer exists',
    meaning: 'the attempt, or something above it, is not there or no longer',
    overRest: true,
  },
  error: {
    status: 507,
    message: 'Memory is full: no room for more within the COUNT MiB REASON',
    meaning: 'there is no room for more (`-max-memory`); work can still be claimed, ended and deleted',
    overRest: true,
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** The names of the model's errors, as clients see them; `error` is of no name of its own. */
export type ErrorName = keyof typeof ERRORS;

/** @returns the names that answers over REST with a status can have, in alphabetical order, but for `error` */
export function namesOverRest(status: number): string[] {
  const named = Object.entries<ErrorEntry>(ERRORS).filter(([name, entry]) => {
    return name !== 'error' && entry.overRest && entry.status === status;
  });
  return named.map(([name]) => name).sort();
}
