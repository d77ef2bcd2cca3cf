import type { ByteName } from '../../../../domain/names.js';
import type { Micros } from '../../../../domain/time.js';
import { ENSURE_WORKERS, RECORD_CLAIMS } from '../../sql/workers.sql.js';
import { timesOfNew } from '../../units/worker-image.js';
import { byteaColumn, int8Column } from '../../wire/columns.js';
import type { Statement } from '../../wire/statement.js';
import { statement } from '../../wire/statement.js';

/** What becomes of the record of a worker. */
export interface WorkerRecordChange {
  readonly namespaceId: number;
  readonly name: ByteName;
  readonly active: boolean;
  /** What it was given: absent when it is only to be there, null when it asked and was given nothing. */
  claim?: { readonly workSpecId: number; readonly first: number; readonly last: number } | null;
}

/** Writes the records of workers, in one order so that two transactions do not wait for each other. */
export function workerWrites(changes: Iterable<WorkerRecordChange>, now: Micros): Statement[] {
  const sorted = [...changes].sort(
    (a, b) => a.namespaceId - b.namespaceId || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const present = sorted.filter(({ claim }) => claim === undefined);
  return [
    ...ensured(present, now, true),
    ...ensured(present, now, false),
    ...recorded(
      sorted.filter(({ claim }) => claim !== undefined),
      now,
    ),
  ];
}

function ensured(changes: readonly WorkerRecordChange[], now: Micros, active: boolean): Statement[] {
  const some = changes.filter((change) => change.active === active);
  if (some.length === 0) return [];
  return [statement(ENSURE_WORKERS, ...keys(some), ...timesOfNew(now, active))];
}

function recorded(some: readonly WorkerRecordChange[], now: Micros): Statement[] {
  if (some.length === 0) return [];
  const claims = (field: 'workSpecId' | 'first' | 'last') =>
    int8Column(some.map(({ claim }) => claim?.[field] ?? null));
  const given = [claims('workSpecId'), claims('first'), claims('last')];
  return [statement(RECORD_CLAIMS, ...keys(some), ...given, now, ...timesOfNew(now, true))];
}

function keys(changes: readonly WorkerRecordChange[]): [Buffer, Buffer] {
  return [int8Column(changes.map(({ namespaceId }) => namespaceId)), byteaColumn(changes.map(({ name }) => name))];
}
