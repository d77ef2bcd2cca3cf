/** Which of the two 32-bit words of a float holds its low bits. */
const LOW_WORD = new Float64Array(new Int32Array([0, 0x3ff00000]).buffer)[0] === 1 ? 0 : 1;

/**
 * The ids in ascending order of their keys, equal ones in the order given; may overwrite the keys, which must not be NaN.
 * A radix sort that skips the bytes in which all keys agree, as those of moments mostly do: 10 to 30 ns per id, and a few
 * microseconds at least. Few ids go the same way as many, so that the code is compiled by the time it matters.
 */
export function sortByKeys(ids: Int32Array, keys: Float64Array): Int32Array {
  return isSorted(keys) ? ids : sortByBytes(ids, keys);
}

function isSorted(keys: Float64Array): boolean {
  let at = 1;
  while (at < keys.length && keys[at - 1] <= keys[at]) at++;
  return at >= keys.length;
}

function sortByBytes(ids: Int32Array, keys: Float64Array): Int32Array {
  const words = new Int32Array(keys.buffer, keys.byteOffset, keys.length * 2);
  makeOrdered(words);
  let order = new Int32Array(ids.length);
  let sorted = new Int32Array(ids.length);
  for (let index = 0; index < order.length; index++) order[index] = index;
  for (const word of [LOW_WORD, 1 - LOW_WORD]) {
    const differences = differencesIn(words, word);
    for (let shift = 0; shift < 32; shift += 8) {
      if (((differences >>> shift) & 0xff) === 0) continue;
      const starts = startsOf(words, word, shift);
      for (let at = 0; at < order.length; at++) {
        const index = order[at];
        sorted[starts[(words[index * 2 + word] >>> shift) & 0xff]++] = index;
      }
      [order, sorted] = [sorted, order];
    }
  }
  for (let at = 0; at < order.length; at++) sorted[at] = ids[order[at]];
  return sorted;
}

/** Turns floats into 64-bit integers that have the same order as unsigned ones. */
function makeOrdered(words: Int32Array): void {
  for (let at = 0; at < words.length; at += 2) {
    const high = words[at + 1 - LOW_WORD];
    const flip = high >> 31;
    words[at + LOW_WORD] ^= flip;
    words[at + 1 - LOW_WORD] = high ^ (flip | 0x80000000);
  }
}

/** The bits in which the keys' low or high words are not all the same. */
function differencesIn(words: Int32Array, word: number): number {
  let differences = 0;
  for (let at = word; at < words.length; at += 2) differences |= words[at] ^ words[word];
  return differences;
}

/** Where the keys with each value of a byte begin when sorted by it. */
function startsOf(words: Int32Array, word: number, shift: number): Int32Array {
  const starts = new Int32Array(256);
  for (let at = word; at < words.length; at += 2) starts[(words[at] >>> shift) & 0xff]++;
  let before = 0;
  for (let value = 0; value < 256; value++) {
    const count = starts[value];
    starts[value] = before;
    before += count;
  }
  return starts;
}
