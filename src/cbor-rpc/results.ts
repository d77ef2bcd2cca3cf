import type { Encodable } from '../cbor/index.js';
import type { LargeResult } from './large-answer.js';

/** A result that the client must get: what it says is taken back if its answer cannot be written. */
export abstract class RevocableResult {
  /** What the client gets, with no message. */
  abstract readonly value: Encodable;
  /** Undoes what the answer says. Called when nobody has got it. */
  abstract revoke(): void;
}

/** What a method returns. */
export type RpcResult = Encodable | LargeResult | RevocableResult;
