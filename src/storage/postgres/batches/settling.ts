import type { Micros } from '../../../domain/time.js';
import { LOCK_DUE } from '../sql/units.sql.js';
import { UnitImage } from '../units/unit-image.js';
import { int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import { statement } from '../wire/statement.js';
import { UnitTransaction } from './unit-transaction.js';
import type { ObserverOf } from './work-events.js';

/** Units settled in one transaction: some tens of milliseconds. */
const CHUNK = 2000;

/** Lets all leases and delays of work specs that have run out by `now` take effect. */
export async function settleDue(
  connection: Connection,
  shard: number,
  observerOf: ObserverOf,
  specIds: readonly number[],
  now: Micros,
): Promise<void> {
  const ids = int8Column([...specIds].sort((a, b) => a - b));
  for (let settled = CHUNK; settled >= CHUNK;) {
    const transaction = new UnitTransaction(connection, shard, observerOf, now);
    const [rows] = await transaction.run([statement(LOCK_DUE, ids, now, CHUNK)]);
    for (const row of rows) transaction.take(UnitImage.read(Number(row[0]), row, 1, now));
    await transaction.commit();
    settled = rows.length;
  }
}
