import type { Micros } from '../../../domain/time.js';
import { LOCK_DUE } from '../sql/units.sql.js';
import { UnitImage } from '../units/unit-image.js';
import type { Connection } from '../wire/connection.js';
import { statement } from '../wire/statement.js';
import { UnitTransaction } from './unit-transaction.js';
import type { ObserverOf } from './work-events.js';

/** Units settled in one transaction, of leases and delays each: some tens of milliseconds. */
const CHUNK = 1000;

/** Lets all leases and delays of work specs that have run out by `now` take effect. */
export async function settleDue(
  connection: Connection,
  shard: number,
  observerOf: ObserverOf,
  specIds: readonly number[],
  now: Micros,
): Promise<void> {
  for (const id of specIds) {
    for (let settled = CHUNK; settled >= CHUNK;) {
      settled = await settleSome(new UnitTransaction(connection, shard, observerOf, now), id);
    }
  }
}

async function settleSome(transaction: UnitTransaction, workSpecId: number): Promise<number> {
  const { now } = transaction;
  const [rows] = await transaction.run([statement(LOCK_DUE, workSpecId, now, CHUNK)]);
  for (const row of rows) transaction.take(UnitImage.read(workSpecId, row, 0, now));
  await transaction.commit();
  return rows.length;
}
