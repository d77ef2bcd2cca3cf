import type { Promised } from '../domain/promised.js';
import type { AnswerRoom } from './large-answer.js';

/** The responses to a list of requests, as far as they are there. */
export class ListAnswer {
  readonly pieces: Buffer[] = [];
  bytes = 0;
  /** What is to be revoked if the list does not get to the client. */
  readonly promised: Promised[] = [];

  constructor(readonly room: AnswerRoom) {}

  /** @returns how many bytes they have */
  add(pieces: readonly Buffer[]): number {
    let bytes = 0;
    for (const piece of pieces) {
      this.pieces.push(piece);
      bytes += piece.length;
    }
    this.bytes += bytes;
    return bytes;
  }

  /** Nobody is there to get it. */
  drop(): void {
    for (const result of this.promised) result.revoke();
    this.room.giveBack();
  }
}
