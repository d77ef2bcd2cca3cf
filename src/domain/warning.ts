/** Something in a request that was taken, but probably not as it was meant. */
export interface Warning {
  /** The key of a definition, or the field of a request, that it is about. */
  key: string;
  reason: string;
}

/** No answer has more of them: whoever gets so many does not read on. */
export const MOST_WARNINGS = 100;
