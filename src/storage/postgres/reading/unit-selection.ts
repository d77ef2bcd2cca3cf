import type { ByteName } from '../../../domain/names.js';
import { bytesOfName, MAX_NAME_BYTES } from '../../../domain/names.js';
import type { WorkUnitQuery } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import * as reading from '../sql/reading.sql.js';
import * as counting from '../sql/unit-counts.sql.js';
import { unitStatusCode } from '../units/codes.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Statement } from '../wire/statement.js';

type Sql = Statement['sql'];

/** How the units that a query selects are found, but for what `isSelected` of unit-listing.ts looks at as well. */
interface Selection {
  readonly list: Readonly<Record<'withData' | 'measured' | 'bare', Sql>>;
  /** Counts them; takes a part of their names behind the values. Absent: those that are named are to be listed. */
  readonly count?: Sql;
  readonly values: Statement['values'];
}

export const ALL = Number.MAX_SAFE_INTEGER;

export function selection({ names, statuses, previous, limit, failure, prefix, worker }: WorkUnitQuery): Selection {
  const most = Math.min(limit ?? ALL, ALL);
  if (names) return { list: reading.UNITS_BY_NAME, values: [byteaColumn([...new Set(names)])] };
  const behind = previous === undefined ? Buffer.alloc(0) : Buffer.concat([bytesOfName(previous), SMALLEST]);
  const least = bytesOfName(prefix ?? '');
  const first = Buffer.compare(behind, least) < 0 ? least : behind;
  const window = [first, most, beyond(prefix)];
  if (failure !== undefined)
    return { list: reading.UNITS_BY_CAUSE, count: counting.COUNT_BY_CAUSE, values: [...window, failure] };
  if (worker !== undefined)
    return { list: reading.UNITS_BY_WORKER, count: counting.COUNT_BY_WORKER, values: [...window, bytesOfName(worker)] };
  if (statuses && new Set(statuses).size < WORK_UNIT_STATUSES.length) {
    const codes = int8Column([...new Set(statuses)].map(unitStatusCode));
    return { list: reading.UNITS_BY_STATUS, count: counting.COUNT_BY_STATUS, values: [codes, ...window] };
  }
  return { list: reading.UNIT_WINDOW, count: counting.COUNT_WINDOW, values: window };
}

/** Greater than any name. */
const GREATEST = Buffer.alloc(MAX_NAME_BYTES + 1, 0xff);

/** The least name that is greater than all that begin so. */
function beyond(prefix: ByteName | undefined): Buffer {
  const end = Buffer.from(bytesOfName(prefix ?? ''));
  for (let at = end.length; at-- > 0;) {
    if (end[at] === 0xff) continue;
    end[at]++;
    return end.subarray(0, at + 1);
  }
  return GREATEST;
}

/** Behind a name it makes the next one, bytewise. */
const SMALLEST = Buffer.of(0);
