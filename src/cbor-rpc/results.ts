import type { Encodable } from '../cbor/index.js';
import type { LargeResult } from './large-answer.js';
import type { Promised } from './promised.js';

/** A result that the client must get: what it says is taken back if its answer cannot be written. */
export abstract class RevocableResult implements Promised {
  /** What the client gets, with no message. */
  abstract readonly value: Encodable;
  abstract revoke(): void;
}

/** What a method returns. */
export type RpcResult = Encodable | LargeResult | RevocableResult;
