import type { CallerHere } from '../access/caller.js';
import type { ByteName } from '../domain/names.js';
import type { WaitingClient } from '../live/waiting/waiter.js';
import type { AnswerRoom } from './large-answer.js';
import type { Promised } from '../domain/promised.js';

/** The other end of a connection, from which messages come. One that waits for work leaves when it is gone, and when it asks nothing more. */
export interface Peer extends WaitingClient {
  /** Who makes the requests that come from there. */
  readonly caller: CallerHere;
  /** Its requests are made by another caller from now on. */
  become(caller: CallerHere): void;
  /** Whether nobody is there any more to hear an answer. */
  readonly isGone: boolean;
  /** A request of the peer's was made in the name of this worker. */
  speaksFor(worker: ByteName): void;
  /** Nothing more is heard of it: the connection ends once what is written has arrived. */
  dismiss(): void;
  /** What has just been written says this, which is to be revoked if it does not get to the peer. */
  mustGet(result: Promised): void;
  /** Sends an answer in pieces, after all that has been written. Takes over the room, and what the answer says, as `mustGet`. */
  send(pieces: readonly Buffer[], room: AnswerRoom, promised: readonly Promised[]): void;
}
