import { ADD_COUNTS } from '../../sql/units.sql.js';
import type { Micros } from '../../../../domain/time.js';
import type { News } from '../../telling/news.js';
import { AVAILABLE, DELAYED, PENDING } from '../../units/codes.js';
import type { UnitImage } from '../../units/unit-image.js';
import { int8Column } from '../../wire/columns.js';
import type { Statement } from '../../wire/statement.js';
import { statement } from '../../wire/statement.js';

/** Where, behind one place per status, it is counted how often a unit became available. */
const ARRIVALS = 5;

/** What a transaction adds to the counters of work specs. */
export class CountChanges {
  private readonly counts = new Map<number, number[]>();
  /** When the first lease or delay of what has changed runs out. */
  private earliest: Micros = Infinity;

  /** Counts what an image changes: a unit less in its stored status, one more in its present one. */
  add({ workSpecId, stored, deleted, code, rank, moment }: UnitImage): void {
    let deltas = this.counts.get(workSpecId);
    if (!deltas) this.counts.set(workSpecId, (deltas = [0, 0, 0, 0, 0, 0]));
    if (stored) deltas[stored.status]--;
    if (deleted) return;
    deltas[code]++;
    if (code === PENDING || code === DELAYED) this.earliest = Math.min(this.earliest, moment);
    // One that comes to another place among the available ones arrives there too.
    if (code === AVAILABLE && (stored?.status !== AVAILABLE || stored.rank !== rank)) deltas[ARRIVALS]++;
  }

  /** Says what of it may let somebody have work. @param isFreedBy - whether less of a spec's units at work or at hand does */
  tell(news: News, now: Micros, isFreedBy: (workSpecId: number) => boolean): void {
    for (const [id, deltas] of this.counts) {
      if (deltas[ARRIVALS] > 0) news.add(id, deltas[ARRIVALS]);
      else if ((deltas[PENDING] < 0 || deltas[AVAILABLE] < 0) && isFreedBy(id))
        news.add(id, Math.max(1, -deltas[PENDING]));
    }
    if (this.earliest < Infinity) news.dueIn = Math.min(news.dueIn, this.earliest - now);
  }

  /** @param shard - which counters are this connection's */
  writes(shard: number): Statement[] {
    if (this.counts.size === 0) return [];
    const specs = [...this.counts].sort(([a], [b]) => a - b);
    const columns = [0, 1, 2, 3, 4, ARRIVALS].map((at) => int8Column(specs.map(([, deltas]) => deltas[at])));
    return [statement(ADD_COUNTS, int8Column(specs.map(([id]) => id)), shard, ...columns)];
  }
}
