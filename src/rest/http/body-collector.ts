import type { IncomingMessage } from 'node:http';
import { Inbox } from '../../structures/inbox.js';
import { RestError } from '../errors/rest-error.js';

type Done = (error: Error | null, body?: Buffer) => void;

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
  const body = new Inbox(Math.min(declared, limit));
  let size = 0;
  const finish = (error: Error | null): void => {
    payload.off('data', take).off('end', end).off('error', fail).off('close', cut);
    if (error) return done(error);
    if (size > limit) return done(tooLarge(limit));
    done(null, body.bytes.subarray(body.start, body.end));
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= limit) {
      const refusal = count(chunk.length);
      if (refusal) return finish(refusal);
      body.append(chunk);
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
