import { Injectable } from '@nestjs/common';

/** Upper bounds, in seconds, of the buckets that durations are counted in; a last bucket takes the rest. */
export const DURATION_BOUNDS: readonly number[] = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  5, 10,
];

/** What a method has done since the daemon started. */
export class MethodStatistics {
  requests = 0;
  /** Requests among them that were answered with an error response. */
  errors = 0;
  /** Total duration of the requests, from the call of the handler until its result was there. */
  seconds = 0;
  /** Requests by duration: how many fell in each bucket of DURATION_BOUNDS and behind the last. */
  readonly durations: number[] = new Array<number>(DURATION_BOUNDS.length + 1).fill(0);

  record(seconds: number, failed: boolean): void {
    this.requests++;
    if (failed) this.errors++;
    this.seconds += seconds;
    let bucket = 0;
    while (bucket < DURATION_BOUNDS.length && seconds > DURATION_BOUNDS[bucket]) bucket++;
    this.durations[bucket]++;
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
