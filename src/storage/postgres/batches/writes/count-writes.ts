import { ADD_COUNTS } from '../../sql/units.sql.js';
import { AVAILABLE } from '../../units/codes.js';
import type { UnitImage } from '../../units/unit-image.js';
import { int8Column } from '../../wire/columns.js';
import type { Statement } from '../../wire/statement.js';
import { statement } from '../../wire/statement.js';

/** Where, behind one place per status, it is counted how often a unit became available. */
const ARRIVALS = 5;

/** What a transaction adds to the counters of work specs. */
export class CountChanges {
  private readonly counts = new Map<number, number[]>();

  /** Counts what an image changes: a unit less in its stored status, one more in its present one. */
  add({ workSpecId, stored, deleted, code, rank }: UnitImage): void {
    let deltas = this.counts.get(workSpecId);
    if (!deltas) this.counts.set(workSpecId, (deltas = [0, 0, 0, 0, 0, 0]));
    if (stored) deltas[stored.status]--;
    if (deleted) return;
    deltas[code]++;
    // One that comes to another place among the available ones arrives there too.
    if (code === AVAILABLE && (stored?.status !== AVAILABLE || stored.rank !== rank)) deltas[ARRIVALS]++;
  }

  /** @param shard - which counters are this connection's */
  writes(shard: number): Statement[] {
    if (this.counts.size === 0) return [];
    const specs = [...this.counts].sort(([a], [b]) => a - b);
    const columns = [0, 1, 2, 3, 4, ARRIVALS].map((at) => int8Column(specs.map(([, deltas]) => deltas[at])));
    return [statement(ADD_COUNTS, int8Column(specs.map(([id]) => id)), shard, ...columns)];
  }
}
