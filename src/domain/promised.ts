/** What an answer promises its client. */
export interface Promised {
  /** Undoes what the answer says. Called when nobody has got it. */
  revoke(): void;
}

/**
 * An answer that its client must get: what it says is taken back if it cannot be written.
 * @typeParam A - the answer as the interface writes it that was asked
 */
export abstract class RevocableAnswer<A> implements Promised {
  constructor(readonly answer: A) {}

  abstract revoke(): void;
}
