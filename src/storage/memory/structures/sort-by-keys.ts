/** Which of the two 32-bit words of a float holds its low bits. */
const LOW_WORD = new Float64Array(new Int32Array([0, 0x3ff00000]).buffer)[0] === 1 ? 0 : 1;

/**
 * The ids in ascending order of their keys, equal ones in the order given; may overwrite the keys, which must not be NaN. Each
 * step is so many small ones, and between two of them others can have their turn.
 * A radix sort that skips the bytes in which all keys agree, as those of moments mostly do: 10 to 30 ns per id, and a few
 * microseconds at least. Few ids go the same way as many, so that the code is compiled by the time it matters.
 */
export function* sortingByKeys(ids: Int32Array, keys: Float64Array): Generator<number, Int32Array> {
  return isSorted(keys) ? ids : yield* sortByBytes(ids, keys);
}

function isSorted(keys: Float64Array): boolean {
  let at = 1;
  while (at < keys.length && keys[at - 1] <= keys[at]) at++;
  return at >= keys.length;
}

/** Keys that are looked at in one step. */
const BLOCK = 16_384;

function* sortByBytes(ids: Int32Array, keys: Float64Array): Generator<number, Int32Array> {
  const { length } = ids;
  const words = new Int32Array(keys.buffer, keys.byteOffset, length * 2);
  let order = new Int32Array(length);
  let sorted = new Int32Array(length);
  const differences: [number, number] = [0, 0];
  for (let from = 0; from < length; from += BLOCK) {
    const to = Math.min(from + BLOCK, length);
    makeOrdered(words, from, to);
    gatherDifferences(words, from, to, differences);
    for (let index = from; index < to; index++) order[index] = index;
    yield to - from;
  }
  for (const word of [LOW_WORD, 1 - LOW_WORD]) {
    for (let shift = 0; shift < 32; shift += 8) {
      if (((differences[word] >>> shift) & 0xff) === 0) continue;
      const starts = new Int32Array(256);
      for (let from = 0; from < length; from += BLOCK) {
        const to = Math.min(from + BLOCK, length);
        countValues(words, from, to, word, shift, starts);
        yield to - from;
      }
      accumulate(starts);
      for (let from = 0; from < length; from += BLOCK) {
        const to = Math.min(from + BLOCK, length);
        deal(words, order, sorted, from, to, word, shift, starts);
        yield to - from;
      }
      [order, sorted] = [sorted, order];
    }
  }
  for (let from = 0; from < length; from += BLOCK) {
    const to = Math.min(from + BLOCK, length);
    for (let at = from; at < to; at++) sorted[at] = ids[order[at]];
    yield to - from;
  }
  return sorted;
}

/** Turns floats into 64-bit integers that have the same order as unsigned ones. */
function makeOrdered(words: Int32Array, from: number, to: number): void {
  for (let at = from * 2; at < to * 2; at += 2) {
    const high = words[at + 1 - LOW_WORD];
    const flip = high >> 31;
    words[at + LOW_WORD] ^= flip;
    words[at + 1 - LOW_WORD] = high ^ (flip | 0x80000000);
  }
}

/** Adds the bits in which the keys' words are not all the same as those of the first key. */
function gatherDifferences(words: Int32Array, from: number, to: number, differences: [number, number]): void {
  let [first, second] = differences;
  for (let at = from * 2; at < to * 2; at += 2) {
    first |= words[at] ^ words[0];
    second |= words[at + 1] ^ words[1];
  }
  differences[0] = first;
  differences[1] = second;
}

/** Counts the keys with each value of a byte. */
function countValues(
  words: Int32Array,
  from: number,
  to: number,
  word: number,
  shift: number,
  counts: Int32Array,
): void {
  for (let at = from * 2 + word; at < to * 2; at += 2) counts[(words[at] >>> shift) & 0xff]++;
}

/** Makes of the counts where the keys with each value begin. */
function accumulate(counts: Int32Array): void {
  let before = 0;
  for (let value = 0; value < 256; value++) {
    const count = counts[value];
    counts[value] = before;
    before += count;
  }
}

/** Deals a block of the order out by a byte of the keys. */
function deal(
  words: Int32Array,
  order: Int32Array,
  sorted: Int32Array,
  from: number,
  to: number,
  word: number,
  shift: number,
  starts: Int32Array,
): void {
  for (let at = from; at < to; at++) {
    const index = order[at];
    sorted[starts[(words[index * 2 + word] >>> shift) & 0xff]++] = index;
  }
}
