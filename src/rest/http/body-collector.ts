import type { IncomingMessage } from 'node:http';
import { RestError } from '../errors/rest-error.js';

type Done = (error: Error | null, body?: Buffer) => void;

const EMPTY = Buffer.alloc(0);

/** Bytes that are put together as they come: putting 64 MB together at the end would keep everybody waiting for 60 ms. */
class GrowingBuffer {
  private bytes: Buffer = EMPTY;
  private size = 0;

  /** @param expected - how many bytes are to come; NaN when nobody knows */
  constructor(private readonly expected: number) {}

  add(chunk: Buffer): void {
    const needed = this.size + chunk.length;
    if (this.size === 0) this.bytes = chunk;
    else if (needed > this.bytes.length) this.grow(needed);
    if (this.size > 0) chunk.copy(this.bytes, this.size);
    this.size = needed;
  }

  all(): Buffer {
    return this.size === this.bytes.length ? this.bytes : this.bytes.subarray(0, this.size);
  }

  clear(): void {
    this.bytes = EMPTY;
    this.size = 0;
  }

  /** Memory that is asked for and not written to takes nothing yet, so that what is declared may be asked for at once. */
  private grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(this.expected >= needed ? this.expected : 2 * needed);
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }
}

/**
 * Reads a body to its end. One that is too large is still read, and thrown away, up to as much again before it is
 * refused: old clients hear nothing until all they wrote is taken.
 *
 * @param count - is told of bytes that are kept, and may say that they are too much
 */
export function collectBody(
  payload: IncomingMessage,
  limit: number,
  count: (bytes: number) => Error | undefined,
  done: Done,
): void {
  const declared = Number(payload.headers['content-length'] ?? NaN);
  if (declared > 2 * limit) return done(tooLarge(limit));
  const body = new GrowingBuffer(Math.min(declared, limit));
  let size = 0;
  const finish = (error: Error | null): void => {
    payload.off('data', take).off('end', end).off('error', fail).off('close', cut);
    if (error) return done(error);
    if (size > limit) return done(tooLarge(limit));
    done(null, body.all());
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= limit) {
      const refusal = count(chunk.length);
      if (refusal) return finish(refusal);
      body.add(chunk);
    } else if (size > 2 * limit) finish(tooLarge(limit));
    else body.clear();
  };
  const end = (): void => finish(null);
  const fail = (error: Error): void => finish(new RestError(400, `the body ends early: ${error.message}`));
  const cut = (): void => finish(new RestError(400, 'the body ends early'));
  payload.on('data', take).on('end', end).on('error', fail).on('close', cut);
}

function tooLarge(limit: number): RestError {
  return new RestError(413, `the body is larger than ${limit} bytes`, undefined, { connection: 'close' });
}
