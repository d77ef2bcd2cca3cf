import * as commands from '../../sql/units.sql.js';
import { attemptStatusCode } from '../../units/codes.js';
import { byUnit } from '../../units/spec-head.js';
import type { UnitImage } from '../../units/unit-image.js';
import { boolColumn, byteaColumn, float8Column, int8Column } from '../../wire/columns.js';
import type { Statement } from '../../wire/statement.js';
import { statement } from '../../wire/statement.js';

type Units = readonly UnitImage[];

/** Writes images that have changed, each by the statement that touches the least of its row. */
export function unitWrites(changed: Units): Statement[] {
  const kept = changed.filter(({ deleted }) => !deleted);
  const stored = kept.filter((unit) => unit.stored);
  const started = stored.filter((unit) => unit.isFreshStart);
  const changedAttempts = stored.filter((unit) => !unit.isFreshStart && unit.isAttemptChange);
  const rewritten = stored.filter((unit) => !unit.isFreshStart && !unit.isAttemptChange);
  return [
    ...write(started, startAttempts),
    ...write(changedAttempts, changeAttempts),
    ...write(rewritten, rewriteUnits),
    ...write(
      kept.filter((unit) => !unit.stored),
      insertUnits,
    ),
    ...write(
      changed.filter(({ deleted }) => deleted),
      deleteUnits,
    ),
  ];
}

function write(units: Units, by: (units: Units) => Statement[]): Statement[] {
  return units.length === 0 ? [] : by(units);
}

function startAttempts(units: Units): Statement[] {
  return [
    statement(
      commands.START_ATTEMPTS,
      ...placesOf(units),
      ...originsOf(units),
      ...statesOf(units),
      ownDataOf(units),
      causesOf(units),
    ),
  ];
}

function changeAttempts(units: Units): Statement[] {
  const late = boolColumn(units.map(({ latest }) => latest!.late));
  return [
    statement(
      commands.CHANGE_ATTEMPTS,
      ...placesOf(units),
      notBeforesOf(units),
      ...statesOf(units),
      late,
      ownDataOf(units),
      causesOf(units),
    ),
  ];
}

function rewriteUnits(units: Units): Statement[] {
  return [
    statement(
      commands.WRITE_UNITS,
      ...placesOf(units),
      ranksOf(units),
      notBeforesOf(units),
      int8Column(units.map(({ tries }) => tries)),
      int8Column(units.map(({ attempts }) => attempts)),
      ...originsOf(units),
      ...statesOf(units),
      boolColumn(units.map(({ latest }) => latest?.late ?? false)),
      byteaColumn(units.map(({ newData }) => newData ?? null)),
      ownDataOf(units),
      boolColumn(units.map(({ started }) => started)),
      boolColumn(units.map(({ keepsStartData }) => keepsStartData)),
      causesOf(units),
      int8Column(units.map(({ failures }) => failures)),
      int8Column(units.map(({ lapse }) => lapse ?? null)),
    ),
  ];
}

function insertUnits(units: Units): Statement[] {
  const sorted = [...units].sort(byUnit);
  const data = byteaColumn(sorted.map(({ newData }) => newData!));
  return [statement(commands.INSERT_UNITS, ...placesOf(sorted), ranksOf(sorted), notBeforesOf(sorted), data)];
}

function deleteUnits(units: Units): Statement[] {
  return [
    statement(commands.DELETE_UNITS, ...keysOf(units)),
    ...write(
      units.filter(({ isHistoryGone }) => !isHistoryGone),
      (some) => [statement(commands.DELETE_HISTORY, ...keysOf(some))],
    ),
  ];
}

/** Columns of ids of work specs and of names. */
export function keysOf(units: Units): [Buffer, Buffer] {
  return [int8Column(units.map(({ workSpecId }) => workSpecId)), byteaColumn(units.map(({ name }) => name))];
}

/** Those, and the statuses of the units with the moments that matter in them. */
function placesOf(units: Units): Buffer[] {
  return [...keysOf(units), int8Column(units.map(({ code }) => code)), int8Column(units.map(({ moment }) => moment))];
}

function ranksOf(units: Units): Buffer {
  return float8Column(units.map(({ rank }) => rank));
}

function notBeforesOf(units: Units): Buffer {
  return int8Column(units.map(({ notBefore }) => notBefore));
}

/** What an attempt keeps: number, worker, start. */
function originsOf(units: Units): Buffer[] {
  return [
    int8Column(units.map(({ latest }) => latest?.number ?? null)),
    byteaColumn(units.map(({ latest }) => latest?.worker ?? null)),
    int8Column(units.map(({ latest }) => latest?.start ?? null)),
  ];
}

/** What changes about an attempt: end, expiration, status. */
function statesOf(units: Units): Buffer[] {
  return [
    int8Column(units.map(({ latest }) => latest?.end ?? null)),
    int8Column(units.map(({ latest }) => latest?.expiration ?? null)),
    int8Column(units.map(({ latest }) => (latest ? attemptStatusCode(latest.status) : null))),
  ];
}

/** Why units are failed, null where they are not. */
function causesOf(units: Units): Buffer {
  return int8Column(units.map(({ cause }) => cause ?? null));
}

/** The attempts' own data, null where they stay as they are. */
function ownDataOf(units: Units): Buffer {
  return byteaColumn(units.map(({ latest }) => latest?.newData ?? null));
}
