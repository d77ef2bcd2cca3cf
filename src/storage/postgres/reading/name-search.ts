import type { ByteName } from '../../../domain/names.js';
import type { NameSearch, WorkUnitQuery } from '../../../domain/work-unit.js';
import { Slices } from '../../../timing/slices.js';
import type { PostgresStore } from '../postgres-store.js';
import { listUnits, namesOf } from './unit-listing.js';

/** So many names are read by one statement. */
const WINDOW = 2500;

/** Finds names by a part of them, looking at so many at most. @throws NoSuchWorkSpecError */
export async function searchNames(
  store: PostgresStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  most: number,
): Promise<NameSearch> {
  const { contains = '', limit = Infinity, ...rest } = query;
  const names: ByteName[] = [];
  const slices = new Slices();
  let looked = 0;
  let { previous } = query;
  while (looked < most) {
    const asked = rest.names ? Number.MAX_SAFE_INTEGER : Math.min(WINDOW, most - looked);
    const window = namesOf(await listUnits(store, namespace, workSpec, { ...rest, previous, limit: asked }, 'bare'));
    for (const name of window) {
      looked++;
      if (name.includes(contains)) names.push(name);
      if (names.length >= limit) return { names, looked, lookedTo: name };
      if (slices.isOver()) await slices.next();
    }
    if (window.length < asked) return { names, looked };
    previous = window.at(-1);
  }
  return { names, looked, lookedTo: previous };
}
