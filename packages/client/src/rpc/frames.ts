import { encode } from '../cbor/encode.js';
import { Tagged } from '../cbor/values.js';

/** Tag 24: a byte string that holds encoded CBOR. Every message is one. */
const TAG_ENCODED = 24;

/** A message as it goes over the wire. */
export function frame(message: unknown): Uint8Array {
  return encode(new Tagged(TAG_ENCODED, encode(message)));
}

/** The daemon sent what is no message of its protocol: another program answers at that address, most likely. */
export class ProtocolError extends Error {}

/** Takes messages out of the chunks in which they arrive. */
export class FrameReader {
  private chunks: Uint8Array[] = [];
  private size = 0;
  /** Nothing can be taken out before there are so many bytes. */
  private needed = 3;

  /**
   * Takes in a chunk.
   * @returns the contents of the frames that are complete now, in order; still encoded
   * @throws ProtocolError
   */
  take(chunk: Uint8Array): Uint8Array[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.needed) return [];
    let rest = this.joined();
    const frames: Uint8Array[] = [];
    for (;;) {
      const body = bodyOf(rest);
      if (body === undefined || rest.length < body.end) {
        this.needed = body?.end ?? rest.length + 1;
        this.chunks = [rest];
        this.size = rest.length;
        return frames;
      }
      frames.push(rest.subarray(body.start, body.end));
      rest = rest.subarray(body.end);
    }
  }

  private joined(): Uint8Array {
    if (this.chunks.length === 1) return this.chunks[0];
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

/** Where the content of a frame lies; undefined when its head is not all there. */
function bodyOf(bytes: Uint8Array): { start: number; end: number } | undefined {
  if (bytes.length < 3) return undefined;
  if (bytes[0] !== 0xd8 || bytes[1] !== TAG_ENCODED || bytes[2] >> 5 !== 2) {
    throw new ProtocolError('what answers there does not speak CBOR-RPC');
  }
  const short = bytes[2] & 31;
  if (short < 24) return { start: 3, end: 3 + short };
  const width = 1 << (short - 24);
  if (width > 8) throw new ProtocolError('an answer has no length');
  if (bytes.length < 3 + width) return undefined;
  let length = 0;
  for (let i = 3; i < 3 + width; i++) length = length * 256 + bytes[i];
  return { start: 3 + width, end: 3 + width + length };
}
