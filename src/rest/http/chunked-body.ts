const CR = 0x0d;
const LF = 0x0a;
/** Longest size of a chunk that is looked at, in hexadecimal digits. */
const MAX_DIGITS = 6;
/** What ends a size, and the data of a chunk, in bytes. */
const CRLF_BYTES = 2;
const ZERO = 0x30;
/** Length of the last chunk: zero, CRLF, and the CRLF that ends the body. */
const LAST_BYTES = 5;
/** So many bytes are copied one by one in less time than a call takes. */
const FEW_BYTES = 16;
const NOTHING = Buffer.alloc(0);

/** What a hexadecimal digit is worth, by its code; -1: it is none. */
const DIGITS = Int8Array.from({ length: 256 }, (_, code) => {
  const text = String.fromCharCode(code);
  return /[0-9a-f]/i.test(text) ? parseInt(text, 16) : -1;
});

/**
 * The body of a request in chunks, as it comes in. Those that are there together are made one chunk, since one costs Node's parser,
 * and whoever reads the body, the same however short it is. Whatever is not as plain as `hex CRLF data CRLF`, and all that
 * follows it, is for the parser byte for byte: the last chunk, extensions, what is no chunk at all.
 */
export class ChunkedBody {
  /** Whether nothing more of it is looked at. */
  isOver = false;
  /** The beginning of a size, which the parser has not been given. */
  private begun = NOTHING;
  /** How many bytes are to come of a chunk that the parser has been given the beginning of, with the CRLF at its end. */
  private left = 0;

  /**
   * Takes bytes that have arrived.
   * @returns what the parser is to be given for those that are `taken`, from the first on. Where these are not all, the body is over
   */
  take(arrived: Buffer): { readonly given: Buffer; readonly taken: number } {
    const had = this.begun.length;
    const bytes = had === 0 ? arrived : Buffer.concat([this.begun, arrived]);
    this.begun = NOTHING;
    const first = this.endOfBegun(bytes);
    const { length } = bytes;
    let end = first;
    let data = 0;
    let chunks = 0;
    // What is given without being looked at again begins at `end`, and what is kept for later at `kept`.
    let kept = length;
    while (end < length && !this.isOver) {
      const at = endOfSize(bytes, end);
      const size = sizeAt(bytes, end, at);
      if (at > end && at + CRLF_BYTES > length && (at === length || bytes[at] === CR)) {
        kept = end;
        break;
      }
      const endOfData = at + CRLF_BYTES + size;
      const isPlain = size > 0 && isCrlf(bytes, at) && isCrlf(bytes, endOfData);
      if (!isPlain) this.isOver = true;
      else if (endOfData + CRLF_BYTES > length) {
        this.left = endOfData + CRLF_BYTES - length;
        break;
      } else {
        chunks++;
        data += size;
        end = endOfData + CRLF_BYTES;
      }
    }
    if (this.isOver) {
      // A size that began earlier is taken already, and the last chunk, which is nearly always all there is, goes with the others.
      const taken = endsInLastChunk(bytes, end) ? length : Math.max(end, had);
      return { given: joined(bytes, first, end, taken, chunks, data), taken: taken - had };
    }
    if (kept < length) this.begun = Buffer.from(bytes.subarray(kept));
    return { given: joined(bytes, first, end, kept, chunks, data), taken: arrived.length };
  }

  /** Where the chunk ends that the parser has been given the beginning of. */
  private endOfBegun(bytes: Buffer): number {
    const { left } = this;
    if (left === 0) return 0;
    if (!isCrlf(bytes, left - CRLF_BYTES)) this.isOver = true;
    this.left = Math.max(0, left - bytes.length);
    return Math.min(left, bytes.length);
  }
}

/** Whether a chunk with something in it may begin at some place, as far as it is there. */
export function beginsChunk(bytes: Buffer, start: number): boolean {
  const end = endOfSize(bytes, start);
  return sizeAt(bytes, start, end) > 0 && isCrlf(bytes, end);
}

/** Where the digits end that there are at some place, of which no more than so many are looked at. */
function endOfSize(bytes: Buffer, start: number): number {
  let end = start;
  while (end < bytes.length && end - start < MAX_DIGITS && DIGITS[bytes[end]] >= 0) end++;
  return end;
}

/** What the digits between two places say. */
function sizeAt(bytes: Buffer, start: number, end: number): number {
  let size = 0;
  for (let at = start; at < end; at++) size = size * 16 + DIGITS[bytes[at]];
  return size;
}

/** Whether there is CRLF at some place, as far as it is there. */
function isCrlf(bytes: Buffer, at: number): boolean {
  const { length } = bytes;
  return (at < 0 || at >= length || bytes[at] === CR) && (at + 1 < 0 || at + 1 >= length || bytes[at + 1] === LF);
}

/** Whether all there is at some place is the last chunk, without a trailer. */
function endsInLastChunk(bytes: Buffer, at: number): boolean {
  return at + LAST_BYTES === bytes.length && bytes[at] === ZERO && isCrlf(bytes, at + 1) && isCrlf(bytes, at + 3);
}

/** All bytes to `end`, with one chunk in place of those between `first` and `last`, of which there are so many with so many bytes of data. */
function joined(bytes: Buffer, first: number, last: number, end: number, chunks: number, data: number): Buffer {
  if (chunks < 2) return bytes.subarray(0, end);
  const size = data.toString(16);
  const all = Buffer.allocUnsafe(first + size.length + CRLF_BYTES + data + CRLF_BYTES + (end - last));
  let to = bytes.copy(all, 0, 0, first);
  for (let i = 0; i < size.length; i++) all[to++] = size.charCodeAt(i);
  to = endLine(all, to);
  for (let at = first; at < last;) {
    const endOfDigits = endOfSize(bytes, at);
    let left = sizeAt(bytes, at, endOfDigits);
    at = endOfDigits + CRLF_BYTES;
    if (left > FEW_BYTES) {
      to += bytes.copy(all, to, at, at + left);
      at += left;
    } else for (; left > 0; left--) all[to++] = bytes[at++];
    at += CRLF_BYTES;
  }
  bytes.copy(all, endLine(all, to), last, end);
  return all;
}

function endLine(bytes: Buffer, at: number): number {
  bytes[at] = CR;
  bytes[at + 1] = LF;
  return at + CRLF_BYTES;
}
