/** What the log says about a request. Nothing in it comes from parameters or results. */
export interface RpcLogEntry {
  /** As the client sent it; what is not a number or a short text, in hexadecimal; null: none. */
  readonly id: number | string | null;
  /** As the client named it; undefined: it named none, or what it sent was no request. */
  readonly method: string | undefined;
  /** Address of the client's machine. */
  readonly client: string;
  /** `error`: the client asked for what cannot be; `unavailable`: the storage is away; `failed`: the daemon is wrong. */
  readonly outcome: 'ok' | 'error' | 'unavailable' | 'failed';
  /** What kind of error, without its message. */
  readonly error: string | undefined;
  /** Length of the response. */
  readonly bytes: number;
  /** From the message's being read until its response was written, in milliseconds. */
  readonly duration: number;
}

/** Where requests are logged. */
export interface RpcRequestLog {
  rpc(entry: RpcLogEntry): void;
}
