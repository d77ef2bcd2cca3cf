import { bytesOfName } from '../../../domain/names.js';
import type { SelectedCounts, WorkUnitQuery, WorkUnitStatus } from '../../../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import type { PostgresStore } from '../postgres-store.js';
import { COUNTED_UNITS } from '../sql/unit-counts.sql.js';
import { statement } from '../wire/statement.js';
import { byteNameOfRow, textParameter } from '../wire/values.js';
import { settledRows } from './settled-rows.js';
import { listUnits } from './unit-listing.js';
import { selection } from './unit-selection.js';

/** So many units are counted by one statement: ten milliseconds of the server. */
const WINDOW = 10_000;

/** Counts what a query selects, whatever its limit, looking at so many units at most. @throws NoSuchWorkSpecError */
export async function countSelected(
  store: PostgresStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  most: number,
): Promise<SelectedCounts> {
  const counts = noCounts();
  if (query.names) {
    const units = await listUnits(store, namespace, workSpec, { ...query, limit: undefined }, 'bare');
    for (const { unit } of units) counts[unit.status]++;
    return { counts, looked: query.names.length };
  }
  const target = [textParameter(namespace), textParameter(workSpec)];
  let looked = 0;
  let { previous } = query;
  while (looked < most) {
    const asked = Math.min(WINDOW, most - looked);
    let seen = 0;
    const select = selection({ ...query, previous, limit: asked });
    const command = statement(select.count!, ...target, ...select.values, bytesOfName(query.contains ?? ''));
    const { rows } = await settledRows(store, namespace, workSpec, command, COUNTED_UNITS);
    for (const row of rows) {
      if (row[COUNTED_UNITS.status] === null) continue;
      const status = WORK_UNIT_STATUSES[Number(row[COUNTED_UNITS.status])];
      if (isPossible(status, query)) counts[status] += Number(row[COUNTED_UNITS.found]);
      seen += Number(row[COUNTED_UNITS.looked]);
      previous = byteNameOfRow(row[COUNTED_UNITS.last]!);
    }
    looked += seen;
    if (seen < asked) return { counts, looked };
  }
  return { counts, looked, lookedTo: previous };
}

/** Units of a cause have failed, those of a worker are pending: no unit is both, or anything else. */
function isPossible(status: WorkUnitStatus, { statuses, failure, worker }: WorkUnitQuery): boolean {
  return (!statuses || statuses.includes(status)) && (failure === undefined || worker === undefined);
}
