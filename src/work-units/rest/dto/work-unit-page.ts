import type { Awaitable } from '../../../domain/awaitable.js';
import type { ByteName } from '../../../domain/names.js';
import type { MeasuredUnit, WorkUnit, WorkUnitQuery } from '../../../domain/work-unit.js';

/** So many units are read at a time with their data. */
const WINDOW = 100;
/** A page ends when the data of its units come to so many bytes, whatever its limit. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** Some of the units that a query selects. */
export interface UnitPage {
  readonly units: WorkUnit[];
  /** The name behind which there are more; absent: there are none. */
  readonly moreBehind?: ByteName;
}

/** Where units are read. */
export interface UnitReading {
  readonly measure: (query: WorkUnitQuery) => Awaitable<MeasuredUnit[]>;
  readonly list: (query: WorkUnitQuery) => Awaitable<WorkUnit[]>;
}

/**
 * The first units of a query with a limit, with their data: at least one if there is one, and not many more bytes than fit. They are
 * measured first, so that what does not fit is not read either.
 */
export async function readPage(
  query: WorkUnitQuery & { limit: number },
  { measure, list }: UnitReading,
): Promise<UnitPage> {
  const units: WorkUnit[] = [];
  let last: ByteName | undefined;
  let [count, bytes] = [0, 0];
  for await (const measured of windows(query, measure)) {
    const fitting: ByteName[] = [];
    let isFull = false;
    for (const unit of measured) {
      isFull = count === query.limit || (count > 0 && bytes > PAGE_BYTES);
      if (isFull) break;
      bytes += unit.bytes;
      count++;
      fitting.push(unit.name);
    }
    if (fitting.length > 0)
      units.push(...(await list({ ...query, names: fitting, previous: undefined, limit: undefined })));
    if (isFull) return { units, moreBehind: fitting.at(-1) ?? last };
    last = fitting.at(-1);
  }
  return { units };
}

/** What a query selects, and one more than its limit, some at a time. */
async function* windows(
  query: WorkUnitQuery & { limit: number },
  measure: UnitReading['measure'],
): AsyncGenerator<MeasuredUnit[]> {
  let left = query.limit + 1;
  if (query.names) {
    // All that it names are looked up at once.
    const measured = await measure({ ...query, limit: left });
    for (let at = 0; at < measured.length; at += WINDOW) yield measured.slice(at, at + WINDOW);
    return;
  }
  for (let { previous } = query; left > 0;) {
    const asked = Math.min(WINDOW, left);
    const measured = await measure({ ...query, previous, limit: asked });
    yield measured;
    if (measured.length < asked) return;
    left -= asked;
    previous = measured[measured.length - 1].name;
  }
}
