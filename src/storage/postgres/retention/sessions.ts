import type { PostgresStore } from '../postgres-store.js';
import { REMOVE_SESSIONS } from '../sql/sessions.sql.js';
import { statement } from '../wire/statement.js';

/** One statement removes so many. */
const CHUNK = 500;

/** Removes sessions whose time is over. @returns how many, a few more than `most` at worst */
export async function removeSessions({ pool }: PostgresStore, most: number): Promise<number> {
  let removed = 0;
  for (let rows = CHUNK; rows === CHUNK && removed < most;) {
    rows = (await pool.query(statement(REMOVE_SESSIONS, CHUNK))).length;
    removed += rows;
  }
  return removed;
}
