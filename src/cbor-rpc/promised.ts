/** What an answer promises its client. */
export interface Promised {
  /** Undoes what the answer says. Called when nobody has got it. */
  revoke(): void;
}
