import type { Random } from '../../../domain/scheduler/draw.js';
import type { Micros } from '../../../domain/time.js';
import { settleDue } from '../batches/settling.js';
import type { KnownSpecs } from '../batches/unit-transaction.js';
import type { HistoryWriter } from '../history/history-writer.js';
import { HISTORY_IDS } from '../sql/history.sql.js';
import type { Tidings } from '../telling/tidings.js';
import type { KnownCauses } from '../units/known-causes.js';
import { LatelySeen } from '../units/lately-seen.js';
import type { SpecName } from '../units/spec-directory.js';
import { int8Column } from '../wire/columns.js';
import type { ConnectionPool } from '../wire/connection-pool.js';
import { unlessHeld } from '../wire/failures.js';
import { ONCE } from '../wire/held-things.js';
import { statement } from '../wire/statement.js';

/** What the settling of units is done with. */
export interface Settling {
  readonly pool: ConnectionPool;
  /** Where it counts. */
  readonly shard: number;
  readonly history: HistoryWriter;
  readonly tidings: Tidings;
  readonly causes: KnownCauses;
  readonly random: Random;
}

/** A work spec with something that has run out. */
type Due = SpecName & { readonly id: number };

/** Lets leases and delays that have run out take effect before they are counted or listed. */
export class Settlement {
  /** Work specs of which others keep locked what has run out. */
  private readonly unsettled = new LatelySeen();
  /** Those of which others keep locked what is counted with it, so that nothing of them can be settled. */
  private readonly uncountable = new LatelySeen();

  constructor(private readonly by: Settling) {}

  /** @returns whether all that has run out has been settled, nothing being held by another session for long */
  async settle(specs: readonly Due[], now: Micros): Promise<boolean> {
    const named = new Map(specs.filter(({ id }) => !this.uncountable.has(id)).map((spec) => [spec.id, spec]));
    if (named.size === 0) return false;
    const known = await this.knowing(named);
    const ids = [...named.keys()];
    if (!this.unsettled.hasAny(ids)) {
      const isSettled = await this.attempt(known, ids, now, true);
      if (isSettled !== undefined) return isSettled && named.size === specs.length;
      this.unsettled.note(ids);
    }
    if ((await this.attempt(known, ids, now, false)) !== undefined) return false;
    // What is counted with those of one is held: one such is looked for, and the next time it is known.
    for (const [index, id] of ids.entries()) {
      if (ids.length > 1 && (await this.attempt(known, [id], now, false)) !== undefined) continue;
      this.uncountable.note([id]);
      const others = ids.slice(index + 1);
      if (others.length > 0) await this.attempt(known, others, now, false);
      break;
    }
    return false;
  }

  /** @returns whether everything has been settled; undefined: others held what it needs */
  private attempt(
    known: KnownSpecs,
    ids: readonly number[],
    now: Micros,
    mayWait: boolean,
  ): Promise<boolean | undefined> {
    const { pool, shard, tidings } = this.by;
    return unlessHeld(undefined, () =>
      pool.retrying(async (connection) => {
        // Somebody may have found out while this waited for a connection.
        const isPatient = mayWait && !this.unsettled.hasAny(ids);
        await settleDue(connection, shard, known, ids, now, isPatient, tidings);
        return isPatient;
      }, ONCE),
    );
  }

  private async knowing(named: ReadonlyMap<number, Due>): Promise<KnownSpecs> {
    const { pool, history, causes, random } = this.by;
    const rows = await pool.query(statement(HISTORY_IDS, int8Column([...named.keys()])));
    const histories = new Map(rows.map(([id, historyId]) => [Number(id), Number(historyId)]));
    const observerOf = (id: number) => {
      const historyId = histories.get(id);
      const { namespace, workSpec } = named.get(id)!;
      return historyId === undefined ? undefined : history.observerOf(historyId, namespace, workSpec);
    };
    return { observerOf, causes, random };
  }
}
