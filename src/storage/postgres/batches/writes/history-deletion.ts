import { DELETE_HISTORY, DELETE_SOME_HISTORY } from '../../sql/units.sql.js';
import type { UnitImage } from '../../units/unit-image.js';
import type { Row, Statement } from '../../wire/statement.js';
import { statement } from '../../wire/statement.js';
import { bytesOfName } from '../../../../domain/names.js';
import { keysOf } from './unit-writes.js';

/** So many attempts one statement deletes at most, which takes some ten milliseconds. */
export const HISTORY_PIECE = 2000;

/** How many attempts some units have had. */
export function attemptsOf(units: readonly UnitImage[]): number {
  return units.reduce((sum, { attempts }) => sum + attempts, 0);
}

/** Deletes the history of units, by statements each of which is short. @param run - sends one within their transaction */
export async function deleteHistories(
  units: readonly UnitImage[],
  run: (statements: readonly Statement[]) => Promise<Row[][]>,
): Promise<void> {
  let some: UnitImage[] = [];
  const deleteSome = async (): Promise<void> => {
    if (some.length > 0) await run([statement(DELETE_HISTORY, ...keysOf(some))]);
    some = [];
  };
  for (const unit of units) {
    if (unit.attempts > HISTORY_PIECE) await deleteLong(unit, run);
    else {
      if (attemptsOf(some) + unit.attempts > HISTORY_PIECE) await deleteSome();
      some.push(unit);
    }
    unit.isHistoryGone = true;
  }
  await deleteSome();
}

/** From the first attempt on: what this transaction has deleted already would be walked over again and again otherwise. */
async function deleteLong(
  { workSpecId, name }: UnitImage,
  run: (statements: readonly Statement[]) => Promise<Row[][]>,
): Promise<void> {
  let last: number | undefined = Number.MIN_SAFE_INTEGER;
  while (last !== undefined) {
    const [[[number]]] = await run([
      statement(DELETE_SOME_HISTORY, workSpecId, bytesOfName(name), last, HISTORY_PIECE),
    ]);
    last = number === null ? undefined : Number(number);
  }
}
