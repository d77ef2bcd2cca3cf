import { argumentAt, ARGUMENT_BYTES } from './heads.js';

type Decode = (bytes: Buffer, from: number, to: number) => string;

/**
 * The contents of a string of indefinite length, decoded piece by piece.
 * @param start - where it begins, @param end - where it ends, its break included; that it is well-formed has been checked
 */
export function textOfChunks(bytes: Buffer, start: number, end: number, decode: Decode): string {
  let text = '';
  eachChunk(bytes, start, end, (from, to) => (text += decode(bytes, from, to)));
  return text;
}

/** The contents of a byte string of indefinite length, put together. As textOfChunks. */
export function joinedChunks(bytes: Buffer, start: number, end: number): Buffer {
  // The heads of the chunks make it too long.
  const joined = Buffer.allocUnsafe(end - start);
  let length = 0;
  eachChunk(bytes, start, end, (from, to) => (length += bytes.copy(joined, length, from, to)));
  return joined.subarray(0, length);
}

/** Calls `use` with where each chunk's contents lie: all that is between the head of the string and the break. */
function eachChunk(bytes: Buffer, start: number, end: number, use: (from: number, to: number) => void): void {
  for (let at = start + 1; at < end - 1;) {
    const from = at + 1 + ARGUMENT_BYTES[bytes[at] & 31];
    const to = from + argumentAt(bytes, at);
    use(from, to);
    at = to;
  }
}
