import { causeId } from '../../../domain/cause.js';
import type { ByteName } from '../../../domain/names.js';
import type { EncodedData } from '../../../domain/data.js';
import { isOverruled } from '../../../domain/unit-rules.js';
import type { WorkUnit, WorkUnitQuery } from '../../../domain/work-unit.js';
import type { PostgresStore } from '../postgres-store.js';
import { LISTED } from '../sql/reading.sql.js';
import { recordOf } from '../units/attempt-view.js';
import { UnitImage } from '../units/unit-image.js';
import type { Row } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { bytesOf, textParameter } from '../wire/values.js';
import { settledRows } from './settled-rows.js';
import { ALL, selection } from './unit-selection.js';

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
  const asked = statement(select.list[form], ...target, ...select.values);
  const { rows, isSettled } = await settledRows(store, namespace, workSpec, asked, LISTED);
  const units = rows.filter((row) => row[LISTED.unit] !== null).map((row) => readListed(row, form));
  const isRight = ({ unit }: ListedUnit): boolean => isSelected(unit, query);
  if (!names) return !isSettled || hasFilter(query) ? units.filter(isRight) : units;
  return units
    .filter(isRight)
    .filter(({ unit }) => previous === undefined || unit.name > previous)
    .sort((a, b) => (a.unit.name < b.unit.name ? -1 : 1))
    .slice(0, limit);
}

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
