/** A data dictionary as the CBOR bytes that a client sent. */
export type EncodedData = Uint8Array;

/** `{}` */
export const EMPTY_DATA: EncodedData = Uint8Array.of(0xa0);
