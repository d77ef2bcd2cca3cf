import type { Awaitable } from '../../../domain/awaitable.js';
import type { WorkUnit, WorkUnitQuery } from '../../../domain/work-unit.js';

/** So many units are read at a time with their data. */
const WINDOW = 100;
/** A page ends when the data of its units come to so many bytes, whatever its limit. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** Some of the units that a query selects, and whether there are more. */
export interface UnitPage<U> {
  readonly units: U[];
  readonly hasMore: boolean;
}

/** The first units of a query with a limit, with their data: at least one if there is one, and not many more bytes than fit. */
export async function readPage(
  query: WorkUnitQuery & { limit: number },
  list: (query: WorkUnitQuery) => Awaitable<WorkUnit[]>,
): Promise<UnitPage<WorkUnit>> {
  const units: WorkUnit[] = [];
  let { previous } = query;
  for (let bytes = 0; ;) {
    const left = query.limit - units.length;
    const asked = Math.min(WINDOW, left + 1);
    const found = await list({ ...query, previous, limit: asked });
    for (const unit of found) {
      if (units.length === query.limit || (units.length > 0 && bytes > PAGE_BYTES)) return { units, hasMore: true };
      bytes += unit.data.length;
      units.push(unit);
    }
    if (found.length < asked) return { units, hasMore: false };
    previous = found.at(-1)!.name;
  }
}
