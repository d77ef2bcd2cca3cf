/** Places of rows as one number each: the page, and behind it the offset within that, which has 16 bits. */
const OFFSET = 0x10000;

/** A place as one number. @param page - below 2^32 @param offset - below 2^16 */
export function placeAt(page: number, offset: number): number {
  return page * OFFSET + offset;
}

export function pageOf(place: number): number {
  return Math.floor(place / OFFSET);
}

export function offsetOf(place: number): number {
  return place % OFFSET;
}
