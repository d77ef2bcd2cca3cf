/** How many units, or work specs, are measured or looked up at once. */
export const AT_ONCE = 500;
/** How many bytes are read at once, if one has not more. */
const BYTES_AT_ONCE = 512 * 1024;

/** Something whose size is known before it is read. */
interface Measured {
  readonly bytes: number;
}

/** What there is to read of all. */
export function bytesOfAll(measured: Iterable<Measured>): number {
  let sum = 0;
  for (const { bytes } of measured) sum += bytes;
  return sum;
}

/** The same in parts that can be read at once. */
export function* partsOf<M extends Measured>(measured: Iterable<M>): Generator<M[]> {
  let part: M[] = [];
  let sum = 0;
  for (const each of measured) {
    if (part.length === AT_ONCE || (part.length > 0 && sum + each.bytes > BYTES_AT_ONCE)) {
      yield part;
      part = [];
      sum = 0;
    }
    part.push(each);
    sum += each.bytes;
  }
  if (part.length > 0) yield part;
}
