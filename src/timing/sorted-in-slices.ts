import type { Slices } from './slices.js';

/** Items that are sorted in one go. */
const RUN = 512;

/** Very many items in ascending order, equal ones as they came, in slices: a merge sort that begins with short runs. */
export async function sortedInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  slices: Slices,
): Promise<T[]> {
  let sorted: T[] = [];
  for (let from = 0; from < items.length; from += RUN) {
    for (const item of items.slice(from, from + RUN).sort(compare)) sorted.push(item);
    if (slices.isOver(RUN)) await slices.next();
  }
  for (let length = RUN; length < items.length; length *= 2) {
    const merged: T[] = [];
    for (let from = 0; from < sorted.length; from += 2 * length) {
      const middle = Math.min(from + length, sorted.length);
      const end = Math.min(from + 2 * length, sorted.length);
      for (let left = from, right = middle; left < middle || right < end;) {
        const takesLeft = right === end || (left < middle && compare(sorted[left], sorted[right]) <= 0);
        merged.push(takesLeft ? sorted[left++] : sorted[right++]);
        if (slices.isOver()) await slices.next();
      }
    }
    sorted = merged;
  }
  return sorted;
}
