const BITS = 2048;

/** Which numbers have been seen: a bit each where they lie close, as the numbers of attempts do, and small where they do not. */
export class NumberSet {
  private readonly blocks = new Map<number, Uint32Array>();

  /** @param number - whole, not negative. @returns false when it is there already */
  add(number: number): boolean {
    const key = Math.floor(number / BITS);
    let block = this.blocks.get(key);
    if (!block) this.blocks.set(key, (block = new Uint32Array(BITS / 32)));
    const bit = number % BITS;
    const mask = 1 << (bit & 31);
    if ((block[bit >> 5] & mask) !== 0) return false;
    block[bit >> 5] |= mask;
    return true;
  }
}
