import type { SlotState } from '../../../domain/flow/slot-rules.js';
import { ZERO_TIME } from '../../../domain/time.js';
import type { Parameter, Row } from '../wire/statement.js';

export const SLOT_NAMES = ['next_slot', 'last_slot', 'buffered_slot', 'missed_slots'] as const;
/** The columns that readSlots takes. */
export const SLOT_COLUMNS = SLOT_NAMES.map((name) => `s.${name}`).join(', ');
export const SLOT_WIDTH = SLOT_NAMES.length;

/** How far a spec is in its schedule; undefined: it has none. @param at - where the columns are */
export function readSlots(row: Row, at: number): SlotState | undefined {
  if (row[at] === null) return undefined;
  return {
    next: Number(row[at]),
    last: row[at + 1] === null ? ZERO_TIME : Number(row[at + 1]),
    buffered: row[at + 2] === null ? ZERO_TIME : Number(row[at + 2]),
    missed: Number(row[at + 3]),
  };
}

/** The same as the parameters $1 to $4 of the statements that write them. */
export function slotParameters({ next, last, buffered, missed }: SlotState): Parameter[] {
  return [next, last === ZERO_TIME ? null : last, bufferedParameter(buffered), missed];
}

export function bufferedParameter(buffered: SlotState['buffered']): Parameter {
  return buffered === ZERO_TIME ? null : buffered;
}
