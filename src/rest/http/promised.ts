import type { ServerResponse } from 'node:http';
import type { Promised } from '../../domain/promised.js';

/** Answers that are on their way and are to be revoked if they never get there. */
export class PromisedAnswers {
  private readonly answers = new Map<ServerResponse, Promised>();

  /** To be called before it is sent. */
  add(response: ServerResponse, answer: Promised): void {
    // A connection that is gone may not have been told of yet.
    if (response.closed || response.req.socket.destroyed) answer.revoke();
    else this.answers.set(response, answer);
  }

  /** An answer has been sent, or will never be. */
  ended(response: ServerResponse): void {
    if (this.answers.size === 0) return;
    const answer = this.answers.get(response);
    if (answer === undefined) return;
    this.answers.delete(response);
    if (!wasSent(response)) answer.revoke();
  }
}

/** Whether all of an answer that is over was handed to the system. Node tells that it is finished when writing it fails, too. */
function wasSent({ socket, req }: ServerResponse): boolean {
  if (socket !== null) return false;
  const { errored, destroyed, writableFinished } = req.socket;
  return errored === null && (!destroyed || writableFinished);
}
