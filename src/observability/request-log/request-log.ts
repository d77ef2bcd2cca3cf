import type { RpcLogEntry, RpcRequestLog } from '../../cbor-rpc/rpc-request-log.js';

/** What the log says about an HTTP request. */
export interface HttpLogEntry {
  /** That of the header X-Request-Id, else a number of the daemon's own. */
  readonly id: string;
  readonly client: string;
  readonly method: string;
  /** As the client sent it, shortened. */
  readonly url: string;
  /** `1.1` or `1.0` */
  readonly version: string;
  /** 499 when the client went away before its answer was sent. */
  readonly status: number;
  /** Length of the answer's body. */
  readonly bytes: number;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
  /** From the request's head until its answer was sent, in milliseconds. */
  readonly duration: number;
}

/** The status of a request whose client went away before its answer was sent. */
export const CLIENT_GONE = 499;

export interface RequestLog extends RpcRequestLog {
  http(entry: HttpLogEntry): void;
  rpc(entry: RpcLogEntry): void;
}
