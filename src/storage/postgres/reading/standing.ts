import type { SlotState } from '../../../domain/flow/slot-rules.js';
import type { Micros } from '../../../domain/time.js';
import type { WorkUnitCounts } from '../../../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import { STANDING, STANDING_SPECS } from '../sql/overview.sql.js';
import { readSlots, SLOT_WIDTH } from '../units/slot-columns.js';
import type { Row, Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { numbersOf, numbersOrNoneOf, textParameter, textsOf } from '../wire/values.js';

/** What there is of a spec that has had units. */
export interface StandingUnits {
  readonly counts: WorkUnitCounts;
  /** Since when the unit has been available that has been so longest; undefined: none is. */
  readonly since: Micros | undefined;
}

/** How the specs of a namespace stand at a moment, by their ids. */
export interface Standing {
  readonly now: Micros;
  /** In the order of their names. */
  readonly ids: readonly number[];
  /** Of each of them. */
  readonly versions: readonly number[];
  /** Of those that have had units. */
  readonly units: ReadonlyMap<number, StandingUnits>;
  /** Those with a lease or delay that has run out and has not yet taken effect. */
  readonly due: readonly number[];
  /** Of those with a schedule. */
  readonly slots: ReadonlyMap<number, SlotState>;
  /** Of those with a rate limit: when its bucket is full. */
  readonly fullAt: ReadonlyMap<number, Micros>;
}

/** Asks for what readStanding reads. */
export function standingIn(namespace: string): Statement {
  return statement(STANDING_SPECS, textParameter(namespace));
}

export function readStanding(row: Row): Standing {
  const scheduled = numbersOf(row[STANDING.scheduled]);
  const slots = columnsAt(row, STANDING.slots, SLOT_WIDTH).map(textsOf);
  const fullAt = numbersOf(row[STANDING.fullAt]);
  return {
    now: Number(row[STANDING.now]),
    ids: numbersOf(row[STANDING.ids]),
    versions: numbersOf(row[STANDING.versions]),
    units: readUnits(row),
    due: numbersOf(row[STANDING.due]),
    slots: new Map(
      scheduled.map((id, i) => [
        id,
        readSlots(
          slots.map((column) => column[i]),
          0,
        )!,
      ]),
    ),
    fullAt: new Map(numbersOf(row[STANDING.limited]).map((id, i) => [id, fullAt[i]])),
  };
}

function readUnits(row: Row): Map<number, StandingUnits> {
  const columns = columnsAt(row, STANDING.counts, WORK_UNIT_STATUSES.length).map(numbersOf);
  const since = numbersOrNoneOf(row[STANDING.since]);
  const units = new Map<number, StandingUnits>();
  numbersOf(row[STANDING.counted]).forEach((id, i) => {
    const counts = noCounts();
    WORK_UNIT_STATUSES.forEach((status, column) => (counts[status] = columns[column][i]));
    units.set(id, { counts, since: since[i] });
  });
  return units;
}

function columnsAt(row: Row, first: number, width: number): Row {
  return row.slice(first, first + width);
}
