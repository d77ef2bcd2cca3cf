import { randomBytes } from 'node:crypto';

const key = randomBytes(8);
const KEY_0 = key.readInt32LE(0);
const KEY_1 = key.readInt32LE(4);

/**
 * A signed 32-bit hash of a binary string (one char, 0 to 255, per byte): HalfSipHash with one round per four bytes and
 * three at the end, under a key that this process drew at random, so that whoever chooses names can't choose collisions.
 * About 20 ns for 10 chars, 60 ns for 40.
 */
export function hashName(name: string): number {
  const length = name.length;
  const whole = length & ~3;
  let v0 = KEY_0;
  let v1 = KEY_1;
  let v2 = KEY_0 ^ 0x6c796765;
  let v3 = KEY_1 ^ 0x74656462;
  for (let at = 0; at <= whole; at += 4) {
    const word = at < whole ? wordAt(name, at) : lastWord(name, whole);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}

function wordAt(name: string, at: number): number {
  return (
    name.charCodeAt(at) |
    (name.charCodeAt(at + 1) << 8) |
    (name.charCodeAt(at + 2) << 16) |
    (name.charCodeAt(at + 3) << 24)
  );
}

/** The chars after the last whole word, and the length, so that trailing zero bytes count. */
function lastWord(name: string, whole: number): number {
  let word = name.length << 24;
  for (let at = name.length - 1; at >= whole; at--) word |= name.charCodeAt(at) << ((at & 3) * 8);
  return word;
}
