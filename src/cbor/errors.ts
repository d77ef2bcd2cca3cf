/** Why bytes cannot be read as the CBOR that was asked for. */
export type CborErrorReason =
  /** Not well-formed, or text that is not UTF-8. */
  | 'malformed'
  /** The bytes end inside the item. */
  | 'truncated'
  /** More nesting than the reader allows. */
  | 'too deep'
  /** More bytes than the reader allows. */
  | 'too large'
  /** Well-formed, but another type than asked for. */
  | 'wrong type';

/** The only error that reading CBOR throws. */
export class CborError extends Error {
  override readonly name = 'CborError';

  /** @param offset where in the buffer (of a scanner: in the item) the trouble is, in bytes */
  constructor(
    readonly reason: CborErrorReason,
    detail: string,
    readonly offset: number,
  ) {
    super(`${detail} at byte ${offset}`);
  }
}
