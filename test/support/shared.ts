import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';

/**
 * Asks for a thing that all test files of this run share, and waits until it has been made, however long that takes.
 *
 * @param path - as in global.ts: `/daemon`, `/client`, `/cli`, `/examples` or `/postgres/VERSION`
 * @returns what is to be known of it
 * @throws Error - why it could not be made
 */
export async function shared(path: string): Promise<string> {
  // A connection of its own: one that is kept could be closed by the other end just when it is used again.
  const request = get(inject('sharedThings') + path, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(answer);
  return answer;
}
