import type { AcceptGate } from './accept-gate.js';
import type { CborRpcOptions } from './cbor-rpc.options.js';
import type { Dispatcher } from './dispatcher.js';
import type { MemoryGate } from './memory-gate.js';
import type { ResponseWriter } from './response-writer.js';
import type { RpcStatistics } from './rpc-statistics.js';
import type { FewATurn } from '../timing/few-a-turn.js';
import type { SharedTurn } from '../timing/shared-turn.js';

/** What all connections share. */
export interface ConnectionContext {
  readonly dispatcher: Dispatcher;
  /** Empty whenever no connection is in the middle of answering. */
  readonly out: ResponseWriter;
  readonly statistics: RpcStatistics;
  readonly options: CborRpcOptions;
  /** Holds requests back while clients are waiting to be let in. */
  readonly gate: AcceptGate;
  /** Holds back, refuses or cuts off connections when all together hold too much. */
  readonly memory: MemoryGate;
  /** The time that connections with many requests, or long ones, share. */
  readonly turn: SharedTurn;
  /** The ends of connections, of which thousands may come at once. */
  readonly ends: FewATurn;
  /** Told of errors that must not happen. */
  readonly onDefect: (error: unknown) => void;
}
