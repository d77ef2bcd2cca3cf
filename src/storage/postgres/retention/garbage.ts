import type { PostgresStore } from '../postgres-store.js';
import { REMOVE_STALE_LOCKS } from '../sql/locks.sql.js';
import { FORGET_GARBAGE, LIST_GARBAGE, REMOVALS } from '../sql/maintenance.sql.js';
import { statement } from '../wire/statement.js';

/** Rows removed by one statement. */
const CHUNK = 500;

/** Removes rows of what has been destroyed, and locks past their timeout. @returns how many */
export async function removeGarbage({ pool }: PostgresStore, most: number): Promise<number> {
  let removed = (await pool.query(statement(REMOVE_STALE_LOCKS, CHUNK))).length;
  for (const [id, isOld] of await pool.query(statement(LIST_GARBAGE))) {
    let left = false;
    for (const removal of REMOVALS) {
      while (removed < most) {
        const rows = await pool.query(statement(removal, Number(id), CHUNK));
        removed += rows.length;
        if (rows.length > 0) left = true;
        if (rows.length < CHUNK) break;
      }
    }
    if (removed >= most) break;
    // A transaction that had begun before may still have added something: the id is looked at for a while.
    if (!left && isOld === 't') await pool.query(statement(FORGET_GARBAGE, Number(id)));
  }
  return removed;
}
