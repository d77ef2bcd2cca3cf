import type { SpecDirectory } from '../units/spec-directory.js';
import { EXISTING_ATTEMPTS, EXISTING_UNITS, FREE_ATTEMPTS, FREE_UNITS } from '../sql/units.sql.js';
import { EXISTING_WORKERS, FREE_WORKERS } from '../sql/workers.sql.js';
import { unitThing, workerThing } from '../units/things.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import type { Sql } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import type { ClaimWork } from './claim-job.js';
import { passOver } from './claim-job.js';
import type { Job } from './job.js';
import type { Locking } from './lane.js';
import type { UnitChange } from './unit-change.js';

/** A row that a request may have to lock. */
interface Wanted {
  readonly kind: Kind;
  /** Of its work spec, or namespace. */
  readonly id: number;
  readonly name: string;
  readonly number?: number;
}

interface Kind {
  /** Say which of some rows nobody holds, and which are there, by their ordinals. */
  readonly free: Sql;
  readonly existing: Sql;
  readonly isNumbered?: boolean;
}

const UNIT: Kind = { free: FREE_UNITS, existing: EXISTING_UNITS };
const WORKER: Kind = { free: FREE_WORKERS, existing: EXISTING_WORKERS };
const ATTEMPT: Kind = { free: FREE_ATTEMPTS, existing: EXISTING_ATTEMPTS, isNumbered: true };

/** How changes are told apart when a row was not to be locked: those that need what another session holds, from the others. */
export function lockingOfChanges(directory: SpecDirectory): Locking<UnitChange<unknown>> {
  return {
    // Of the many units of a large change any may be held, and the others need not be remembered.
    keysOf: ({ target: { namespace, workSpec }, names, worker }) => [
      ...(names.length === 1 ? [unitThing(namespace, workSpec, names[0])] : []),
      ...(worker === undefined ? [] : [workerThing(namespace, worker)]),
    ],
    heldOf: (connection, jobs) =>
      heldOf(connection, jobs, ({ target, names, worker, attemptNumber: number }) => {
        const id = directory.idOf(target);
        const wanted: Wanted[] = id === undefined ? [] : names.map((name) => ({ kind: UNIT, id, name }));
        if (id !== undefined && number !== undefined) wanted.push({ kind: ATTEMPT, id, name: names[0], number });
        return [...wanted, ...recordOf(directory, target.namespace, worker)];
      }),
  };
}

/** The same of claims, which write the record of their worker. What is locked of work specs they pass over. */
export function lockingOfClaims(directory: SpecDirectory): Locking<ClaimWork> {
  return {
    keysOf: ({ namespace, request }) => [workerThing(namespace, request.worker)],
    heldOf: (connection, jobs) =>
      heldOf(connection, jobs, ({ namespace, request }) => recordOf(directory, namespace, request.worker)),
    missed: passOver,
  };
}

function recordOf(directory: SpecDirectory, namespace: string, worker: string | undefined): Wanted[] {
  const id = directory.namespaceId(namespace);
  return id === undefined || worker === undefined ? [] : [{ kind: WORKER, id, name: worker }];
}

/** Which of some jobs need a row that another session holds. */
async function heldOf<W>(
  connection: Connection,
  jobs: readonly Job<W>[],
  wantedBy: (work: W) => readonly Wanted[],
): Promise<ReadonlySet<Job<W>>> {
  const byKind = new Map<Kind, { wanted: Wanted; job: Job<W> }[]>();
  for (const job of jobs) {
    for (const wanted of wantedBy(job.work)) {
      const same = byKind.get(wanted.kind);
      if (same) same.push({ wanted, job });
      else byKind.set(wanted.kind, [{ wanted, job }]);
    }
  }
  const kinds = [...byKind];
  const results = await connection.tryOut(
    kinds.flatMap(([{ free, existing, isNumbered }, rows]) => {
      const keys = [
        int8Column(rows.map(({ wanted }) => wanted.id)),
        byteaColumn(rows.map(({ wanted }) => wanted.name)),
        ...(isNumbered ? [int8Column(rows.map(({ wanted }) => wanted.number ?? null))] : []),
      ];
      return [statement(free, ...keys), statement(existing, ...keys)];
    }),
  );
  const held = new Set<Job<W>>();
  kinds.forEach(([, rows], i) => {
    const [free, existing] = results.slice(2 * i, 2 * i + 2);
    const isFree = new Set(free.map(([ordinal]) => ordinal));
    for (const [ordinal] of existing) if (!isFree.has(ordinal)) held.add(rows[Number(ordinal) - 1].job);
  });
  return held;
}
