import type { RetentionLimit } from '../../../domain/retention.js';
import type { PostgresStore } from '../postgres-store.js';
import { EXCEEDING_WORKERS } from '../sql/maintenance.sql.js';
import { LOCK_NAMESPACE_BY_ID } from '../sql/specs-admin.sql.js';
import { DELETE_WORKERS, LOCK_LONG_INACTIVE, LOCK_SURPLUS_INACTIVE, LOOKED_AT } from '../sql/workers.sql.js';
import { byteaColumn } from '../wire/columns.js';
import { unlessHeld } from '../wire/failures.js';
import { ONCE } from '../wire/held-things.js';
import type { Sql } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { bytesOf, textParameter } from '../wire/values.js';
import type { RetentionScope } from './unit-retention.js';

/** Namespaces that are looked at by one statement. */
const NAMESPACES = 1000;
/** One statement looks at so many workers at most. */
const WORKERS = 1000;
/** It looks at fewer where a namespace has many work specs, for in each of them a worker may hold a unit. */
const LOOKS = 20_000;

/** What of the workers of a namespace is removed. */
interface Removal {
  readonly namespaceId: number;
  readonly choose: Sql;
  readonly limit: number;
  /** How many are looked at by one statement. */
  readonly chunk: number;
}

/** Removes records of workers that the limit does not keep. @returns how many, a few more than `most` at worst */
export async function removeWorkers(
  store: PostgresStore,
  { age, count }: RetentionLimit,
  scope: RetentionScope | undefined,
  most: number,
): Promise<number> {
  if (age === undefined && count === undefined) return 0;
  const only = scope === undefined ? null : textParameter(scope.namespace);
  let removed = 0;
  for (let last = 0; removed < most;) {
    const rows = await store.pool.query(
      statement(EXCEEDING_WORKERS, count ?? null, age ?? null, last, NAMESPACES, only),
    );
    for (const [id, areTooMany, areTooOld, specs] of rows) {
      last = Number(id);
      const chunk = Math.max(1, Math.min(WORKERS, Math.floor(LOOKS / Math.max(1, Number(specs)))));
      const some = { namespaceId: last, chunk };
      if (areTooMany === 't')
        removed += await unlessHeld(0, () =>
          retire(store, { ...some, choose: LOCK_SURPLUS_INACTIVE, limit: count! }, most - removed),
        );
      if (areTooOld === 't')
        removed += await unlessHeld(0, () =>
          retire(store, { ...some, choose: LOCK_LONG_INACTIVE, limit: age! }, most - removed),
        );
    }
    if (rows.length < NAMESPACES) break;
  }
  return removed;
}

/** Looks at workers one after another and removes those that are idle, for as long as `most` lasts. */
async function retire(
  store: PostgresStore,
  { namespaceId, choose, limit, chunk }: Removal,
  most: number,
): Promise<number> {
  let removed = 0;
  let last: { readonly since: number; readonly name: Buffer } = {
    since: Number.MIN_SAFE_INTEGER,
    name: Buffer.alloc(0),
  };
  while (removed < most) {
    const { looked, deleted } = await store.pool.transaction(async (run) => {
      const [looked] = await run(statement(choose, namespaceId, limit, last.since, last.name, chunk));
      const locked = looked.filter((row) => row[LOOKED_AT.isLocked] === 't');
      if (locked.length === 0) return { looked, deleted: 0 };
      // What had begun to give them work or children when they were locked can be seen by now: they are looked at once more.
      const names = byteaColumn(locked.map((row) => bytesOf(row[LOOKED_AT.name]!)));
      const [, gone] = await run(
        statement(LOCK_NAMESPACE_BY_ID, namespaceId),
        statement(DELETE_WORKERS, namespaceId, names),
      );
      return { looked, deleted: gone.length };
    }, ONCE);
    removed += deleted;
    if (looked.length < chunk) break;
    const row = looked[looked.length - 1];
    last = { since: Number(row[LOOKED_AT.inactiveAt]), name: bytesOf(row[LOOKED_AT.name]!) };
  }
  return removed;
}
