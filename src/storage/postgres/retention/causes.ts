import type { PostgresStore } from '../postgres-store.js';
import { FORGET_CAUSES, MISCOUNTED, RECOUNT_CAUSES } from '../sql/causes.sql.js';
import { statement } from '../wire/statement.js';

/** So many causes are forgotten in one round. */
const CHUNK = 1000;
/** The counters of all connections are read together, so that it does not matter whose these are. */
const SHARD = 0;

/**
 * Puts counters right that a daemon of the version before has passed over, and forgets causes by which no unit is failed any more.
 * @returns how many counters it removed
 */
export async function tidyCauses({ pool }: PostgresStore): Promise<number> {
  for (const [id] of await pool.query(statement(MISCOUNTED)))
    await pool.query(statement(RECOUNT_CAUSES, Number(id), SHARD));
  return (await pool.query(statement(FORGET_CAUSES, CHUNK))).length;
}
