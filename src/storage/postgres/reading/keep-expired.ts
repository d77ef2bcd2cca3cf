import { EXPIRE_DETACHED } from '../sql/units.sql.js';
import type { PostgresStore } from '../postgres-store.js';
import { isYetToExpire, nameOfImage, numberOfImage } from '../units/unit-image.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Row } from '../wire/statement.js';
import { statement } from '../wire/statement.js';

/** Where rows say of which work spec an attempt is, what it is, and when it was read. */
interface Places {
  readonly now: number;
  readonly specId: number;
  readonly unit: number;
}

/**
 * Has attempts stay expired that are seen to be so, as `expireDetached` of attempt-rules.ts says: also where the clock is set back. None
 * of them is active any longer, so that nothing else follows from it.
 */
export async function keepExpired(store: PostgresStore, rows: readonly Row[], at: Places): Promise<void> {
  const seen = rows.filter((row) => isYetToExpire(row, at.unit, Number(row[at.now])));
  if (seen.length === 0) return;
  const expire = statement(
    EXPIRE_DETACHED,
    int8Column(seen.map((row) => Number(row[at.specId]))),
    byteaColumn(seen.map((row) => nameOfImage(row, at.unit))),
    int8Column(seen.map((row) => numberOfImage(row, at.unit))),
    Number(seen[0][at.now]),
  );
  // Who looks hears the same where it can't be written.
  await store.pool.query(expire).catch(() => undefined);
}
