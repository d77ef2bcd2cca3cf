import type { ByteName } from '../../domain/names.js';
import type { Slices } from '../../timing/slices.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';

/** Names bytewise, each once. */
export function sortedNames(names: readonly ByteName[]): ByteName[] {
  return [...new Set(names)].sort(compareNames);
}

/** As sortedNames, of very many names, in slices. */
export async function sortedNamesInSlices(names: readonly ByteName[], slices: Slices): Promise<ByteName[]> {
  const once: ByteName[] = [];
  for (const name of await sortedInSlices(names, compareNames, slices)) {
    if (name !== once[once.length - 1]) once.push(name);
    if (slices.isOver()) await slices.next();
  }
  return once;
}

function compareNames(a: ByteName, b: ByteName): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
