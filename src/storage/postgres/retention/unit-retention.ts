import type { RetentionLimit, RetentionPolicy } from '../../../domain/retention.js';
import type { Micros } from '../../../domain/time.js';
import type { PostgresStore } from '../postgres-store.js';
import { EXCEEDING, EXCEEDING_IN, EXCEEDING_SPEC, LOCK_EXCESS, LOCK_OLD } from '../sql/maintenance.sql.js';
import { FAILED, FINISHED } from '../units/codes.js';
import { UnitImage } from '../units/unit-image.js';
import { byteaColumn } from '../wire/columns.js';
import { unlessHeld } from '../wire/failures.js';
import { ONCE } from '../wire/held-things.js';
import type { Row, Sql } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { byteNameOfRow, bytesOf, textParameter } from '../wire/values.js';

/** One statement looks at so many work specs, which takes some ten milliseconds. */
const SPECS = 500;
/** One transaction removes so many units. */
const CHUNK = 500;
/** They have had so many attempts together at most, unless one of them alone has had more. */
const ATTEMPTS = 20_000;

/** Which specs retention is applied to; all of them where it is absent. */
export interface RetentionScope {
  readonly namespace: string;
  readonly workSpecs?: readonly string[];
}

/** Removes ended units that the policy does not keep, the oldest first. @returns how many, up to `most` */
export async function removeUnits(
  store: PostgresStore,
  policy: RetentionPolicy,
  scope: RetentionScope | undefined,
  most: number,
): Promise<number> {
  let removed = 0;
  for await (const row of exceeding(store, policy, scope)) {
    const [now, id] = [Number(row[EXCEEDING_SPEC.now]), Number(row[EXCEEDING_SPEC.id])];
    for (const [isExceeded, status, limit] of [
      [row[EXCEEDING_SPEC.finished], FINISHED, policy.finished],
      [row[EXCEEDING_SPEC.failed], FAILED, policy.failed],
    ] as const) {
      if (isExceeded !== 't') continue;
      // What another session holds of one spec is removed another time, and has no other wait.
      removed += await unlessHeld(0, () => removeOldest(store, id, status, limit, now, most - removed));
    }
    if (removed >= most) break;
  }
  return removed;
}

/** The specs that have units which a limit does not keep, as rows of EXCEEDING. */
async function* exceeding(
  store: PostgresStore,
  { finished, failed }: RetentionPolicy,
  scope: RetentionScope | undefined,
): AsyncGenerator<Row> {
  const limits = [finished.count, finished.age, failed.count, failed.age].map((limit) => limit ?? null);
  if (limits.every((limit) => limit === null)) return;
  const names = scope?.workSpecs ? byteaColumn(scope.workSpecs.map(textParameter)) : null;
  for (let last: Row | undefined; ;) {
    const rows = await store.pool.query(
      scope
        ? statement(EXCEEDING_IN, ...limits, textParameter(scope.namespace), behind(last), SPECS, names)
        : statement(EXCEEDING, ...limits, last ? Number(last[EXCEEDING_SPEC.id]) : 0, SPECS),
    );
    for (const row of rows) if (row[EXCEEDING_SPEC.finished] === 't' || row[EXCEEDING_SPEC.failed] === 't') yield row;
    if (rows.length < SPECS) return;
    last = rows.at(-1);
  }
}

/** The first name that may come behind that of a row. */
function behind(row: Row | undefined): Buffer {
  return row ? Buffer.concat([bytesOf(row[EXCEEDING_SPEC.name]!), Buffer.of(0)]) : Buffer.alloc(0);
}

async function removeOldest(
  store: PostgresStore,
  workSpecId: number,
  status: number,
  { age, count }: RetentionLimit,
  now: Micros,
  most: number,
): Promise<number> {
  let removed = 0;
  if (count !== undefined) removed += await remove(store, workSpecId, status, LOCK_EXCESS, count, most);
  if (age !== undefined) removed += await remove(store, workSpecId, status, LOCK_OLD, now - age, most - removed);
  return removed;
}

/** Removes what one of the two statements chooses, until it chooses no more or others hold all of it. */
async function remove(
  store: PostgresStore,
  workSpecId: number,
  status: number,
  choose: Sql,
  limit: number,
  most: number,
): Promise<number> {
  let removed = 0;
  while (removed < most) {
    const chunk = Math.min(CHUNK, most - removed);
    const { taken, isPart } = await store.unitTransaction(async (transaction) => {
      const [rows] = await transaction.run([statement(choose, workSpecId, status, limit, chunk)]);
      let taken = 0;
      let attempts = 0;
      let isPart = rows.length === chunk;
      for (const [name, cause, had] of rows) {
        if (name !== null && taken > 0 && attempts + Number(had) > ATTEMPTS) {
          isPart = true;
          break;
        }
        if (name === null) continue;
        taken++;
        attempts += Number(had);
        const numbered = status === FAILED ? Number(cause) : undefined;
        const image = { code: status, cause: numbered, attempts: Number(had) };
        transaction.take(UnitImage.toDelete(workSpecId, byteNameOfRow(name), image));
      }
      return { taken, isPart };
    }, ONCE);
    removed += taken;
    if (!isPart || taken === 0) break;
  }
  return removed;
}
