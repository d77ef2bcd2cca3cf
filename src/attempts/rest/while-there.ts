import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import { UnknownCallerError } from '../../access/errors.js';
import { type Identity, isEverybody, isPast, STRANGER } from '../../access/identity.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { MILLISECOND } from '../../domain/time.js';
import type { WaitingClient } from '../../live/waiting/waiter.js';

/** Waits for something on behalf of a request, which is not counted as work meanwhile, for as long as its client is there. */
export async function whileThere<T>(
  request: FastifyRequest,
  { identity }: CallerHere,
  wait: (client: WaitingClient) => Awaitable<T>,
): Promise<T> {
  const { socket } = request.raw;
  const client: WaitingClient = {
    leave: undefined,
    mustBeKnown: isEverybody(identity) ? undefined : () => mustBeKnown(identity),
  };
  const gone = (): void => client.leave?.();
  request.server.load.waits(request);
  socket.once('close', gone);
  try {
    return await wait(client);
  } finally {
    socket.off('close', gone);
  }
}

/** @throws UnknownCallerError */
function mustBeKnown(identity: Identity): void {
  if (isPast(identity, Date.now() * MILLISECOND)) throw new UnknownCallerError(STRANGER.unknown!);
}
