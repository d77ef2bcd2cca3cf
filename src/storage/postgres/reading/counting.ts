import type { Micros } from '../../../domain/time.js';
import type { WorkUnitCounts } from '../../../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import { mapInSlices } from '../../../timing/slices.js';
import type { PostgresStore } from '../postgres-store.js';
import { COUNTED_SPEC } from '../sql/specs-admin.sql.js';
import type { Row, Statement } from '../wire/statement.js';

import { textOfRow } from '../wire/values.js';

export interface CountedSpec {
  readonly id: number;
  /** The moment at which the counts are right. */
  readonly now: Micros;
  readonly namespace: string;
  readonly workSpec: string;
  readonly counts: WorkUnitCounts;
  /** What CONDITIONS says of since when a unit has been available. */
  readonly since: string | undefined;
  /** What CONDITIONS says of until when its rate limit keeps all of it back. */
  readonly limitedUntil: string | undefined;
}

/** While leases run out faster than they are settled, counts that are a moment old have to do. */
export const SETTLING_ROUNDS = 5;

/**
 * The counts of work specs at one moment, by COUNT_SPEC, COUNT_ALL or CONDITIONS: what has run out by then is settled first.
 * Of everything that is one statement however many specs there are, since what moves from one to another is to be counted
 * once; for each it takes some hundred bytes, and its names.
 */
export async function countedRows(store: PostgresStore, count: Statement): Promise<CountedSpec[]> {
  for (let round = 1; ; round++) {
    const rows = await store.pool.query(count);
    const due = rows.filter((row) => row[COUNTED_SPEC.isDue] === 't');
    if (due.length > 0 && round < SETTLING_ROUNDS) {
      const isSettled = await store.settlement.settle(due.map(specOf), Number(due[0][COUNTED_SPEC.now]));
      // What another session keeps locked is counted as it was.
      if (!isSettled) round = SETTLING_ROUNDS;
      continue;
    }
    return mapInSlices(rows, (row) => {
      const counts = noCounts();
      WORK_UNIT_STATUSES.forEach((status, i) => (counts[status] = Number(row[COUNTED_SPEC.counts + i])));
      return {
        ...specOf(row),
        now: Number(row[COUNTED_SPEC.now]),
        counts,
        since: row[COUNTED_SPEC.since] ?? undefined,
        limitedUntil: row[COUNTED_SPEC.limitedUntil] ?? undefined,
      };
    });
  }
}

function specOf(row: Row): Pick<CountedSpec, 'id' | 'namespace' | 'workSpec'> {
  const namespace = textOfRow(row[COUNTED_SPEC.namespace]!);
  return { id: Number(row[COUNTED_SPEC.id]), namespace, workSpec: textOfRow(row[COUNTED_SPEC.workSpec]!) };
}
