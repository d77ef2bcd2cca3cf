import { COUNTED } from '../../../domain/history.js';
import { RATE_MINUTES } from '../../../domain/overview.js';
import type { Micros } from '../../../domain/time.js';
import { MINUTE } from '../../../domain/time.js';
import { MINUTES_OF_WORK, SPAN_OF_WORK } from '../sql/overview.sql.js';
import type { ConnectionPool } from '../wire/connection-pool.js';
import { int8Column } from '../wire/columns.js';
import type { Row } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { textParameter } from '../wire/values.js';

/** Minutes of so many namespaces are remembered: those that were asked for last. */
const MOST = 20;
/** Minutes that are looked at one by one: those of the shorter rates, and the one that lies in part before the last hour. */
const [, FEW, HOUR] = RATE_MINUTES;
const ONE_BY_ONE = [...Array.from({ length: FEW + 1 }, (_, age) => age), HOUR];

/** For each of RATE_MINUTES what happened, in the order of COUNTED. */
type Sums = number[][];

/** What was added up of the minutes between. */
interface Between {
  readonly present: Micros;
  readonly rows: readonly Row[];
}

/**
 * What happened to the work of the specs of namespaces in the last minutes, as `RecentCounts` adds it up. Most of the last hour
 * is over for good: it is added up once in a minute, however often somebody asks.
 */
export class RecentWorkReader {
  private readonly between = new Map<string, Between>();

  constructor(private readonly pool: ConnectionPool) {}

  /** @returns by the history ids of the specs; of one that is not there nothing happened */
  async read(namespace: string, now: Micros): Promise<Map<number, Sums>> {
    const present = Math.floor(now / MINUTE) * MINUTE;
    const starts = int8Column(ONE_BY_ONE.map((age) => present - age * MINUTE));
    const [minutes, between] = await Promise.all([
      this.pool.query(statement(MINUTES_OF_WORK, textParameter(namespace), starts)),
      this.readBetween(namespace, present),
    ]);
    const sums = new Map<number, Sums>();
    const sumsOf = (historyId: number): Sums => {
      const known = sums.get(historyId) ?? RATE_MINUTES.map(() => COUNTED.map(() => 0));
      sums.set(historyId, known);
      return known;
    };
    for (const [historyId, ...counts] of between) add(sumsOf(Number(historyId))[RATE_MINUTES.length - 1], counts, 1);
    const partBefore = (now - present) / MINUTE;
    for (const [historyId, start, ...counts] of minutes) {
      const age = (present - Number(start)) / MINUTE;
      const own = sumsOf(Number(historyId));
      RATE_MINUTES.forEach((last, i) => {
        if (age <= last) add(own[i], counts, age === last ? 1 - partBefore : 1);
      });
    }
    return sums;
  }

  private async readBetween(namespace: string, present: Micros): Promise<readonly Row[]> {
    const known = this.between.get(namespace);
    if (known?.present === present) return known.rows;
    const [first, last] = [present - (HOUR - 1) * MINUTE, present - (FEW + 1) * MINUTE];
    const rows = await this.pool.query(statement(SPAN_OF_WORK, textParameter(namespace), first, last));
    this.between.delete(namespace);
    this.between.set(namespace, { present, rows });
    for (const oldest of this.between.keys()) if (this.between.size > MOST) this.between.delete(oldest);
    return rows;
  }
}

function add(to: number[], counts: Row, part: number): void {
  for (let i = 0; i < to.length; i++) to[i] += Number(counts[i]) * part;
}
