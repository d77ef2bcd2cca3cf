import type { Encodable } from '../cbor/index.js';
import type { RevocableAnswer } from '../domain/promised.js';
import type { LargeResult } from './large-answer.js';

/** What the client gets, with no message, which is taken back if its answer cannot be written. */
export type RevocableResult = RevocableAnswer<Encodable>;

/** What a method returns. */
export type RpcResult = Encodable | LargeResult | RevocableResult;
