/** Which of the two 32-bit words of a float holds its low bits. */
const LOW_WORD = new Float64Array(new Int32Array([0, 0x3ff00000]).buffer)[0] === 1 ? 0 : 1;

/** Up to here comparing costs less than counting. */
const FEW = 40;

/**
 * The ids in ascending order of their keys, equal ones in the order given; overwrites the keys, which must not be NaN. A
 * radix sort that skips the bytes in which all keys agree, as those of moments mostly do: about 20 ns per id, at worst 60.
 */
export function sortByKeys(ids: Int32Array, keys: Float64Array): Int32Array {
  return ids.length <= FEW ? sortFew(ids, keys) : sortMany(ids, keys);
}

function sortFew(ids: Int32Array, keys: Float64Array): Int32Array {
  for (let next = 1; next < ids.length; next++) {
    const id = ids[next];
    const key = keys[next];
    let at = next;
    for (; at > 0 && keys[at - 1] > key; at--) {
      ids[at] = ids[at - 1];
      keys[at] = keys[at - 1];
    }
    ids[at] = id;
    keys[at] = key;
  }
  return ids;
}

function sortMany(ids: Int32Array, keys: Float64Array): Int32Array {
  const words = new Int32Array(keys.buffer, keys.byteOffset, keys.length * 2);
  makeOrdered(words);
  let order = new Int32Array(ids.length);
  for (let index = 0; index < order.length; index++) order[index] = index;
  let sorted = new Int32Array(ids.length);
  const starts = new Int32Array(256);
  for (let byte = 0; byte < 8; byte++) {
    const word = byte < 4 ? LOW_WORD : 1 - LOW_WORD;
    const shift = (byte & 3) * 8;
    if (!countByByte(words, word, shift, starts)) continue;
    for (let at = 0; at < order.length; at++) {
      const index = order[at];
      sorted[starts[(words[index * 2 + word] >>> shift) & 0xff]++] = index;
    }
    [order, sorted] = [sorted, order];
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

/** Finds where each value of a byte is to begin. Returns whether there is more than one. */
function countByByte(words: Int32Array, word: number, shift: number, starts: Int32Array): boolean {
  starts.fill(0);
  for (let at = word; at < words.length; at += 2) starts[(words[at] >>> shift) & 0xff]++;
  let before = 0;
  for (let value = 0; value < 256; value++) {
    const count = starts[value];
    if (count === words.length / 2) return false;
    starts[value] = before;
    before += count;
  }
  return true;
}
