import { ADD_COUNTS, ADD_COUNTS_OF_CAUSES } from '../../sql/units.sql.js';
import type { Micros } from '../../../../domain/time.js';
import type { News } from '../../telling/news.js';
import { AVAILABLE, DELAYED, PENDING } from '../../units/codes.js';
import type { UnitImage } from '../../units/unit-image.js';
import { UNKNOWN_NUMBER } from '../../units/unit-image.js';
import { byteaColumn, int8Column } from '../../wire/columns.js';
import type { Statement } from '../../wire/statement.js';
import { statement } from '../../wire/statement.js';
import { textParameter } from '../../wire/values.js';

/** Where, behind one place per status, it is counted how often a unit became available. */
const ARRIVALS = 5;

/** What becomes of the units of a work spec that are failed by a cause. */
interface CauseChange {
  readonly workSpecId: number;
  readonly cause: number;
  units: number;
  /** When one failed last, of those that have; 0: none has. */
  moment: number;
  text: string;
}

/** By what of a work spec others may be given something. */
export interface Releases {
  /** Whether less of it at work, or at hand, lets others have more of it. */
  readonly isFreedBy: (workSpecId: number) => boolean;
  /** Whether another spec waits for it to come to rest. */
  readonly isAwaited: (workSpecId: number) => boolean;
}

/** What a transaction adds to the counters of work specs. */
export class CountChanges {
  private readonly counts = new Map<number, number[]>();
  private readonly causes = new Map<string, CauseChange>();
  /** When the first lease or delay of what has changed runs out. */
  private earliest: Micros = Infinity;

  /** Counts what an image changes: a unit less in its stored status, one more in its present one. */
  add({ workSpecId, stored, deleted, code, rank, cause, newCause, moment }: UnitImage): void {
    let deltas = this.counts.get(workSpecId);
    if (!deltas) this.counts.set(workSpecId, (deltas = [0, 0, 0, 0, 0, 0]));
    if (stored) deltas[stored.status]--;
    if (stored?.cause !== undefined && (deleted || stored.cause !== cause)) this.of(workSpecId, stored.cause).units--;
    if (deleted) return;
    deltas[code]++;
    if (code === PENDING || code === DELAYED) this.earliest = Math.min(this.earliest, moment);
    // One that comes to another place among the available ones arrives there too.
    if (code === AVAILABLE && (stored?.status !== AVAILABLE || stored.rank !== rank)) deltas[ARRIVALS]++;
    if (cause === undefined || stored?.cause === cause) return;
    const change = this.of(workSpecId, cause);
    change.units++;
    change.moment = Math.max(change.moment, moment);
    change.text = newCause ?? '';
  }

  private of(workSpecId: number, cause: number): CauseChange {
    const key = `${workSpecId} ${cause}`;
    let change = this.causes.get(key);
    if (!change) this.causes.set(key, (change = { workSpecId, cause, units: 0, moment: 0, text: '' }));
    return change;
  }

  /** Says what of it may let somebody have work. */
  tell(news: News, now: Micros, { isFreedBy, isAwaited }: Releases): void {
    for (const [id, deltas] of this.counts) {
      if (deltas[AVAILABLE] + deltas[DELAYED] + deltas[PENDING] < 0 && isAwaited(id)) news.lessened.add(id);
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
    const counts = [int8Column(specs.map(([id]) => id)), shard, ...columns];
    const causes = [...this.causes.values()]
      .filter(({ cause, units, moment }) => cause !== UNKNOWN_NUMBER && (units !== 0 || moment !== 0))
      .sort((a, b) => a.workSpecId - b.workSpecId || a.cause - b.cause);
    if (causes.length === 0) return [statement(ADD_COUNTS, ...counts)];
    return [
      statement(
        ADD_COUNTS_OF_CAUSES,
        ...counts,
        int8Column(causes.map(({ workSpecId }) => workSpecId)),
        int8Column(causes.map(({ cause }) => cause)),
        int8Column(causes.map(({ units }) => units)),
        int8Column(causes.map(({ moment }) => moment)),
        byteaColumn(causes.map(({ text }) => textParameter(text))),
      ),
    ];
  }
}
