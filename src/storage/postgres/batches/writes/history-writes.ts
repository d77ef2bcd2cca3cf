import * as commands from '../../sql/units.sql.js';
import { attemptStatusCode } from '../../units/codes.js';
import type { PastAttempt, UnitImage } from '../../units/unit-image.js';
import { byteaColumn, int8Column } from '../../wire/columns.js';
import type { Statement } from '../../wire/statement.js';
import { statement } from '../../wire/statement.js';
import { keysOf } from './unit-writes.js';

/** Copies what new attempts supersede, before those are written over it. */
export function historyOf(units: readonly UnitImage[]): Statement[] {
  const some = units.filter(({ superseded }) => superseded);
  if (some.length === 0) return [];
  const statuses = int8Column(some.map(({ superseded }) => attemptStatusCode(superseded!.status)));
  const ends = int8Column(some.map(({ superseded }) => superseded!.end));
  return [statement(commands.SAVE_HISTORY, ...keysOf(some), statuses, ends)];
}

/** Writes attempts of the history that have changed. */
export function pastWrites(attempts: readonly PastAttempt[]): Statement[] {
  const some = attempts.filter(({ dirty }) => dirty);
  if (some.length === 0) return [];
  return [
    statement(
      commands.WRITE_PAST,
      ...keysOf(some.map(({ unit }) => unit)),
      int8Column(some.map(({ attempt }) => attempt.number)),
      int8Column(some.map(({ attempt }) => attemptStatusCode(attempt.status))),
      int8Column(some.map(({ attempt }) => attempt.end)),
      byteaColumn(some.map(({ attempt }) => attempt.newData ?? null)),
    ),
  ];
}
