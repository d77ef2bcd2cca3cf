import type { Micros } from '../../domain/time.js';
import type { WorkUnitCounts } from '../../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import type { PostgresStore } from './postgres-store.js';
import type { Row, Statement } from './wire/statement.js';
import { textOfRow } from './wire/values.js';

export interface CountedSpec {
  readonly id: number;
  /** The moment at which the counts are right. */
  readonly now: Micros;
  readonly namespace: string;
  readonly workSpec: string;
  readonly counts: WorkUnitCounts;
  /** The columns of the query that come after those. */
  readonly rest: Row;
}

/** While leases run out faster than they are settled, counts that are a moment old have to do. */
const ROUNDS = 5;

/** The counts of work specs at one moment, by COUNT_SPEC, COUNT_ALL or CONDITIONS: what has run out by then is settled first. */
export async function countedRows(store: PostgresStore, count: Statement): Promise<CountedSpec[]> {
  for (let round = 1; ; round++) {
    const rows = await store.pool.query(count);
    const due = rows.filter((row) => row[8] === 't');
    if (due.length > 0 && round < ROUNDS) {
      const isSettled = await store.settle(
        due.map((row) => ({ id: Number(row[2]), namespace: textOfRow(row[0]!), workSpec: textOfRow(row[1]!) })),
        Number(due[0][9]),
      );
      // What another session keeps locked is counted as it was.
      if (!isSettled) round = ROUNDS;
      continue;
    }
    return rows.map((row) => {
      const counts = noCounts();
      WORK_UNIT_STATUSES.forEach((status, i) => (counts[status] = Number(row[3 + i])));
      return {
        id: Number(row[2]),
        now: Number(row[9]),
        namespace: textOfRow(row[0]!),
        workSpec: textOfRow(row[1]!),
        counts,
        rest: row.slice(10),
      };
    });
  }
}
