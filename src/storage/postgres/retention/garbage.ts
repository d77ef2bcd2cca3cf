import type { PostgresStore } from '../postgres-store.js';
import { REMOVE_STALE_LOCKS } from '../sql/locks.sql.js';
import { FORGET_GARBAGE, LIST_GARBAGE, POSTPONE_GARBAGE, REMOVALS } from '../sql/maintenance.sql.js';
import { int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';

/** One statement removes so many rows, which takes some ten milliseconds. */
const CHUNK = 500;
/** One statement looks at so many locks. */
const LOCKS = 5000;
/** It looks for rows of so many objects that are gone. */
const OBJECTS = 1000;
/** So many times in one round: each time others than before, unless another daemon is at work on the same. */
const LISTS = 10;

/** Removes rows of what has been destroyed, and locks past their timeout. @returns how many, a few more than `most` at worst */
export async function removeGarbage({ pool }: PostgresStore, most: number): Promise<number> {
  let removed = await removeStaleLocks(pool, most);
  for (let lists = 0; lists < LISTS && removed < most; lists++) {
    const listed = await pool.query(statement(LIST_GARBAGE, OBJECTS));
    if (listed.length === 0) break;
    const ids = int8Column(listed.map(([id]) => Number(id)));
    for (const removal of REMOVALS) {
      for (let rows = CHUNK; rows === CHUNK && removed < most;) {
        rows = (await pool.query(statement(removal, ids, CHUNK))).length;
        removed += rows;
      }
    }
    if (removed >= most) break;
    const now = Number(listed[0][1]);
    await pool.query(statement(FORGET_GARBAGE, ids, now));
    await pool.query(statement(POSTPONE_GARBAGE, ids, now));
    if (listed.length < OBJECTS) break;
  }
  return removed;
}

/** Looks at all locks, some at a time: those of a client who holds a million as well as those that nobody came back for. */
async function removeStaleLocks(pool: PostgresStore['pool'], most: number): Promise<number> {
  let removed = 0;
  let last: readonly [namespaceId: number, path: Buffer] = [0, Buffer.alloc(0)];
  for (let looked = LOCKS; looked === LOCKS && removed < most;) {
    const [[seen, gone, namespaceId, path]] = await pool.query(statement(REMOVE_STALE_LOCKS, ...last, LOCKS));
    looked = Number(seen);
    removed += Number(gone);
    if (looked > 0) last = [Number(namespaceId), bytesOf(path!)];
  }
  return removed;
}
