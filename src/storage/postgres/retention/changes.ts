import type { PostgresStore } from '../postgres-store.js';
import { CHANGES_HORIZON, FORGET_CHANGES, OUTDATE_CHANGES } from '../sql/changes.sql.js';
import { statement } from '../wire/statement.js';

/** So long a connection that claims of a namespace may say nothing and still be told what has changed, in milliseconds. */
const KEPT_MS = 60_000;
/** One statement removes so many. */
const CHUNK = 5000;

/** Removes what triggers have noted of changes of work specs, once it is older than any claim is likely to ask for. */
export class ChangeRetention {
  private horizon: { readonly transaction: number; readonly since: number } | undefined;

  constructor(
    private readonly store: PostgresStore,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** @returns how many were removed, a few more than `most` at worst */
  async remove(most: number): Promise<number> {
    const { pool } = this.store;
    const { horizon } = this;
    const now = this.clock();
    if (horizon && now - horizon.since < KEPT_MS) return 0;
    const [[transaction]] = await pool.query(statement(CHANGES_HORIZON));
    this.horizon = { transaction: Number(transaction), since: now };
    if (!horizon) return 0;
    await pool.query(statement(OUTDATE_CHANGES, horizon.transaction));
    let removed = 0;
    for (let rows = CHUNK; rows === CHUNK && removed < most; removed += rows) {
      rows = (await pool.query(statement(FORGET_CHANGES, CHUNK))).length;
    }
    // What is left is removed by the next round, which follows at once.
    if (removed >= most) this.horizon = horizon;
    return removed;
  }
}
