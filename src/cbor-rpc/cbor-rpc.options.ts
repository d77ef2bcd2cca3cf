import type { Tls } from '../access/tls.js';
import type { RpcRequestLog } from './rpc-request-log.js';

/** What the CBOR-RPC interface is configured with. */
export interface CborRpcOptions {
  /** Absent: all interfaces. */
  host?: string;
  /** 0: any free one. */
  port: number;
  /** Longest message, in bytes, as it is framed. */
  maxMessageBytes: number;
  /** Networks that connections may come from, `ADDRESS/BITS`; absent or none: from anywhere. */
  allow?: readonly string[];
  /** A connection beyond these is reset. */
  maxConnections: number;
  /** Most bytes of unfinished messages, and of unread answers, that all connections may make the daemon keep. */
  maxBufferedBytes: number;
  /** How long a message that has begun may take to arrive in full, in milliseconds. */
  incompleteMessageTimeoutMs: number;
  /** How long a client may read nothing of answers that wait for it, in milliseconds. */
  unreadAnswerTimeoutMs: number;
  /** How long a connection may say nothing, in milliseconds; undefined: for ever. */
  idleTimeoutMs?: number;
  /** How long a shutdown waits for requests in flight, in milliseconds. */
  drainTimeoutMs: number;
  /** Absent: connections are not encrypted. */
  tls?: Tls;
  /** Absent: requests are not logged. */
  requestLog?: RpcRequestLog;
}

export const DEFAULT_CBOR_RPC_OPTIONS: Readonly<CborRpcOptions> = {
  host: '127.0.0.1',
  port: 5932,
  maxMessageBytes: 64 * 1024 * 1024,
  maxConnections: 10_000,
  maxBufferedBytes: 256 * 1024 * 1024,
  incompleteMessageTimeoutMs: 120_000,
  unreadAnswerTimeoutMs: 120_000,
  drainTimeoutMs: 10_000,
};

/** Injection token of CborRpcOptions. */
export const CBOR_RPC_OPTIONS = Symbol('CBOR_RPC_OPTIONS');
