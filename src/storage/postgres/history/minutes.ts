import { COUNTED } from '../../../domain/history.js';
import type { Micros } from '../../../domain/time.js';
import type { SpanNumbers } from '../../../live/history/recorder/span-numbers.js';
import { AT, BUCKETS } from '../../../live/history/recorder/span-numbers.js';
import { ADD_HISTORY, EXISTING_MINUTES, FREE_MINUTES } from '../sql/history.sql.js';
import { byteaColumn, float8Column, int8Column } from '../wire/columns.js';
import type { Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';

/** What happened to the work of a spec in a minute, as far as it has not been written yet. */
export interface Minute {
  readonly historyId: number;
  readonly start: Micros;
  readonly numbers: SpanNumbers;
  /** When a claim last gave out a unit, in this minute or before; 0: not since this daemon counts. */
  lastClaim: Micros;
}

/** Which of some minutes are there, and which of those nobody holds. */
export function lookingForMinutes(minutes: readonly Minute[]): [existing: Statement, free: Statement] {
  const which = [
    int8Column(minutes.map(({ historyId }) => historyId)),
    int8Column(minutes.map(({ start }) => start)),
  ] as const;
  return [statement(EXISTING_MINUTES, ...which), statement(FREE_MINUTES, ...which)];
}

/** Writes what happened in some minutes. */
export function addingMinutes(minutes: readonly Minute[]): Statement {
  const numbers = (at: number): number[] => minutes.map((minute) => minute.numbers[at]);
  const buckets = (at: number) =>
    byteaColumn(minutes.map((minute) => `{${minute.numbers.subarray(at, at + BUCKETS).join(',')}}`));
  return statement(
    ADD_HISTORY,
    int8Column(minutes.map(({ historyId }) => historyId)),
    int8Column(minutes.map(({ start }) => start)),
    int8Column(minutes.map(({ lastClaim, numbers }) => (numbers[AT.claimed] > 0 ? lastClaim : null))),
    ...COUNTED.map((_, at) => int8Column(numbers(at))),
    float8Column(numbers(AT.waitedSeconds)),
    float8Column(numbers(AT.workedSeconds)),
    buckets(AT.waited),
    buckets(AT.worked),
  );
}
