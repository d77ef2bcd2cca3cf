import { causeId } from '../../../domain/cause.js';
import type { ByteName } from '../../../domain/names.js';
import { bytesOfName, MAX_NAME_BYTES } from '../../../domain/names.js';
import type { EncodedData } from '../../../domain/data.js';
import { isOverruled } from '../../../domain/unit-rules.js';
import type { WorkUnit, WorkUnitQuery } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import type { PostgresStore } from '../postgres-store.js';
import { rowOfSpec } from '../postgres-store.js';
import * as reading from '../sql/reading.sql.js';
import { LISTED } from '../sql/reading.sql.js';
import { recordOf } from '../units/attempt-view.js';
import { unitStatusCode } from '../units/codes.js';
import { UnitImage } from '../units/unit-image.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Row, Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { bytesOf, textParameter } from '../wire/values.js';

/** A unit as a listing reads it. */
export interface ListedUnit {
  readonly unit: UnitImage;
  /** The active attempt's data where that is set, else the unit's; empty when they were not asked for. */
  readonly data: EncodedData;
  /** Their length, also where only that was asked for. */
  readonly bytes: number;
}

/** In which form a listing is asked. */
export type ListingForm = 'withData' | 'measured' | 'bare';

const NO_DATA = Buffer.alloc(0);
const ALL = Number.MAX_SAFE_INTEGER;
/** While leases run out faster than they are settled, a listing that is a moment old has to do. */
const ROUNDS = 5;

/** Reads the units that a query selects, in the order of their names. @throws NoSuchWorkSpecError */
export async function listUnits(
  store: PostgresStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  form: ListingForm,
): Promise<ListedUnit[]> {
  const { previous, limit = ALL, names } = query;
  const select = selection(query);
  const target = [textParameter(namespace), textParameter(workSpec)];
  for (let round = 1; ; round++) {
    const rows = await store.pool.query(statement(select.command[form], ...target, ...select.values));
    const first = rowOfSpec(rows, workSpec);
    if (first[LISTED.isDue] === 't' && round < ROUNDS) {
      // What another session keeps locked is listed as it was.
      if (!(await store.settle([{ id: Number(first[LISTED.specId]), namespace, workSpec }], Number(first[LISTED.now]))))
        round = ROUNDS;
      continue;
    }
    const units = rows.filter((row) => row[LISTED.unit] !== null).map((row) => readListed(row, form));
    const isRight = ({ unit }: ListedUnit): boolean => isSelected(unit, query);
    if (!names) return round > ROUNDS || hasFilter(query) ? units.filter(isRight) : units;
    return units
      .filter(isRight)
      .filter(({ unit }) => previous === undefined || unit.name > previous)
      .sort((a, b) => (a.unit.name < b.unit.name ? -1 : 1))
      .slice(0, limit);
  }
}

type Selection = {
  readonly command: Readonly<Record<ListingForm, Statement['sql']>>;
  readonly values: Statement['values'];
};

/** Whether a unit is one that a query selects, but for the order and number of them. */
export function isSelected(unit: UnitImage, { statuses, failure, prefix, contains, worker }: WorkUnitQuery): boolean {
  if (statuses && !statuses.includes(unit.status)) return false;
  if (failure !== undefined && unit.cause !== failure) return false;
  if (worker !== undefined && !(unit.status === 'pending' && unit.latest!.worker === worker)) return false;
  return (
    (prefix === undefined || unit.name.startsWith(prefix)) && (contains === undefined || unit.name.includes(contains))
  );
}

/** Whether a query has what the statement that reads units does not look at alone. */
function hasFilter({ failure, worker, contains }: WorkUnitQuery): boolean {
  return failure !== undefined || worker !== undefined || contains !== undefined;
}

function selection({ names, statuses, previous, limit, failure, prefix, worker }: WorkUnitQuery): Selection {
  const count = Math.min(limit ?? ALL, ALL);
  if (names) return { command: reading.UNITS_BY_NAME, values: [byteaColumn([...new Set(names)])] };
  const behind = previous === undefined ? Buffer.alloc(0) : Buffer.concat([bytesOfName(previous), SMALLEST]);
  const least = bytesOfName(prefix ?? '');
  const first = Buffer.compare(behind, least) < 0 ? least : behind;
  const end = beyond(prefix);
  if (failure !== undefined) return { command: reading.UNITS_BY_CAUSE, values: [first, count, end, failure] };
  if (worker !== undefined)
    return { command: reading.UNITS_BY_WORKER, values: [first, count, end, bytesOfName(worker)] };
  if (statuses && new Set(statuses).size < WORK_UNIT_STATUSES.length) {
    const codes = int8Column([...new Set(statuses)].map(unitStatusCode));
    return { command: reading.UNITS_BY_STATUS, values: [codes, first, count, end] };
  }
  return { command: reading.UNIT_WINDOW, values: [first, count, end] };
}

/** Greater than any name. */
const GREATEST = Buffer.alloc(MAX_NAME_BYTES + 1, 0xff);

/** The least name that is greater than all that begin so. */
function beyond(prefix: ByteName | undefined): Buffer {
  const end = Buffer.from(bytesOfName(prefix ?? ''));
  for (let at = end.length; at-- > 0;) {
    if (end[at] === 0xff) continue;
    end[at]++;
    return end.subarray(0, at + 1);
  }
  return GREATEST;
}

/** Behind a name it makes the next one, bytewise. */
const SMALLEST = Buffer.of(0);

function readListed(row: Row, form: ListingForm): ListedUnit {
  const unit = UnitImage.read(Number(row[LISTED.specId]), row, LISTED.unit, Number(row[LISTED.now]));
  if (form === 'bare') return { unit, data: NO_DATA, bytes: 0 };
  const shown = (unit.active && !isOverruled(unit.active) ? row[LISTED.attemptData] : null) ?? row[LISTED.data]!;
  if (form === 'measured') return { unit, data: NO_DATA, bytes: Number(shown) };
  const data = bytesOf(shown);
  return { unit, data, bytes: data.length };
}

export function readWorkUnit({ unit, data }: ListedUnit, workSpec: string): WorkUnit {
  const { name, status, priority, notBefore, active, cause } = unit;
  return {
    name,
    status,
    data,
    priority,
    notBefore,
    activeAttempt: active && recordOf(active, workSpec, name),
    failure: cause === undefined ? undefined : causeId(cause),
  };
}

export function namesOf(units: readonly ListedUnit[]): ByteName[] {
  return units.map(({ unit }) => unit.name);
}
