/**
 * The least index that is so, of a list in an order in which all behind one that is so are so as well.
 * @param length - of the list @returns `length` where none is
 */
export function leastIndex(length: number, isSo: (index: number) => boolean): number {
  let low = 0;
  for (let high = length; low < high;) {
    const middle = (low + high) >>> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
