import { HISTORY_KEPT, HOUR, MINUTES_KEPT } from '../../../domain/history.js';
import type { PostgresStore } from '../postgres-store.js';
import { REMOVE_DONE } from '../sql/workers-done.sql.js';
import { MAKE_HOURS, REMOVE_HOURS } from '../sql/history.sql.js';
import { statement } from '../wire/statement.js';

/** So many rows go in one statement, which takes some ten milliseconds. */
const CHUNK = 500;

/** How long it is kept what workers have done. */
export const DONE_KEPT = 2 * HOUR;

/** Makes hours of minutes that are no longer kept, and removes old hours and what workers did long ago. @returns how many rows, a few more than `most` at worst */
export async function retainHistory({ pool }: PostgresStore, most: number): Promise<number> {
  let removed = 0;
  for (const [command, kept] of [
    [MAKE_HOURS, MINUTES_KEPT],
    [REMOVE_HOURS, HISTORY_KEPT],
  ] as const) {
    for (let rows = CHUNK; rows === CHUNK && removed < most;) {
      const [[gone]] = await pool.query(statement(command, kept, CHUNK));
      rows = Number(gone);
      removed += rows;
    }
  }
  for (let rows = CHUNK; rows === CHUNK && removed < most;) {
    rows = (await pool.query(statement(REMOVE_DONE, DONE_KEPT, CHUNK))).length;
    removed += rows;
  }
  return removed;
}
