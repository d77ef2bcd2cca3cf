import type { Micros } from '../../../domain/time.js';
import { DUE, LOCK_DUE, WAIT_FOR_DUE } from '../sql/units.sql.js';
import { UnitImage } from '../units/unit-image.js';
import { int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import { statement } from '../wire/statement.js';
import type { Tidings } from '../telling/tidings.js';
import type { KnownSpecs } from './unit-transaction.js';
import { UnitTransaction } from './unit-transaction.js';

/** Units settled in one transaction: some tens of milliseconds. */
const CHUNK = 2000;

/**
 * Lets all leases and delays of work specs that have run out by `now` take effect.
 * @param isPatient - whether to wait for units that other transactions hold, rather than leave them out
 */
export async function settleDue(
  connection: Connection,
  shard: number,
  known: KnownSpecs,
  specIds: readonly number[],
  now: Micros,
  isPatient: boolean,
  tidings: Tidings,
): Promise<void> {
  const ids = int8Column([...specIds].sort((a, b) => a - b));
  const command = isPatient ? WAIT_FOR_DUE : LOCK_DUE;
  // Of those that others hold there may be some among the first, again and again.
  const enough = isPatient ? CHUNK : CHUNK / 2;
  for (let settled = CHUNK; settled >= enough;) {
    const transaction = new UnitTransaction(connection, shard, known, tidings, now);
    const [rows] = await transaction.run([statement(command, ids, now, CHUNK)]);
    for (const row of rows) transaction.take(UnitImage.read(Number(row[DUE.specId]), row, DUE.unit, now));
    await transaction.commit();
    settled = rows.length;
  }
}
