import { Injectable } from '@nestjs/common';
import { OperationTimes } from '../timing/operation-times.js';

/** What the requests of a method have taken since the daemon started, from the call of the handler until the result was there. */
export class MethodStatistics extends OperationTimes {
  /** Those that were answered with an error response. */
  errors = 0;

  get requests(): number {
    return this.seconds.count;
  }
}

/**
 * Why a connection was cut off: it said nothing, did not read its answers, or had to make room when all together held too
 * much.
 */
export type CutReason = 'idle' | 'slow_reader' | 'no_room';

/** Plain counters of the CBOR-RPC interface, for metrics to read whenever they are asked. */
@Injectable()
export class RpcStatistics {
  openConnections = 0;
  /** Connections accepted since the start. */
  connections = 0;
  /** Connections reset because too many were open. */
  refusedConnections = 0;
  /** Connections reset because they came from where none may. */
  unwelcomeConnections = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** Connections closed for what they sent: malformed, too large, too deep or never completed. */
  protocolErrors = 0;
  /** Connections cut off for another reason. */
  readonly cut: Record<CutReason, number> = { idle: 0, slow_reader: 0, no_room: 0 };
  /** Times that a connection was not read from because all together had sent too much that was unfinished. */
  heldBack = 0;
  /** Bytes of unfinished messages. */
  bufferedBytes = 0;
  /** Bytes of unread answers. */
  unreadBytes = 0;
  /** Requests that named no method there is. */
  unknownMethods = 0;
  /** By the name on the wire; every method has its entry from the start. */
  readonly methods = new Map<string, MethodStatistics>();
}
