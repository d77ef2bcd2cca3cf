import type { Claim, ClaimRequest } from '../../domain/attempt.js';

/** The client of somebody who waits. */
export interface WaitingClient {
  /** Set while it waits: to be called when the client has gone, or wants to wait no longer. */
  leave: (() => void) | undefined;
  /** Throws when the client may ask no more; absent: it may for as long as it likes. It is asked every second, and before it is given work. */
  readonly mustBeKnown?: (() => void) | undefined;
}

/** Somebody who waits for work: one of a line, in the order of arrival. @typeParam Line - what it stands in */
export class Waiter<Line> {
  readonly claim: Promise<Claim>;
  /** A claim is being made for it. */
  isTried = false;
  /** It has its answer, or is to have whatever comes of the claim that is being made for it. */
  isOver = false;
  /** Nobody is there any more to hear of a claim. */
  hasLeft = false;
  before: Waiter<Line> | undefined;
  after: Waiter<Line> | undefined;
  resolve!: (claim: Claim) => void;
  reject!: (error: unknown) => void;

  constructor(
    readonly line: Line,
    readonly request: ClaimRequest,
    /** Greater than that of all who came before. */
    readonly number: number,
    readonly client: WaitingClient,
  ) {
    this.claim = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
