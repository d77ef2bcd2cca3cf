import type { ConnectionOptions } from 'node:tls';
import { decode } from '../cbor/decode.js';
import { plain } from '../cbor/plain.js';
import { ConnectionError } from '../connection-error.js';
import type { Duration } from '../duration.js';
import { milliseconds } from '../duration.js';
import { isLoopback } from '../loopback.js';
import type { CallOptions } from '../waiting.js';
import { Backoff, Deadline, pause } from '../waiting.js';
import type { Address } from './connection.js';
import { parseAddress, RpcConnection } from './connection.js';
import { RpcError } from './errors.js';
import { frame } from './frames.js';
import type { ClaimOptions, RpcMethod, RpcMethods } from './methods.js';
import { REPEATABLE } from './methods.js';

export interface RpcClientOptions {
  /** `HOST:PORT`, or several of which the next is tried when one is away; 127.0.0.1:5932 where it is absent. */
  readonly address?: string | readonly string[];
  /** Who calls, where the daemon asks (`coordinated token` makes one). */
  readonly token?: string;
  /** Where to work; the daemon's own `-namespace` where it is absent. */
  readonly namespace?: string;
  /** Send the token to other machines without TLS, where whoever can read the network reads it. */
  readonly insecure?: boolean;
  /** For a daemon that speaks TLS; `{}` for a certificate of a known authority. */
  readonly tls?: ConnectionOptions;
  /** How long a call may take, connecting again included; 30 s where it is absent. */
  readonly timeout?: Duration;
  /** Leave byte strings and tuples as they are, instead of showing them as text and arrays. */
  readonly exact?: boolean;
}

/** A method and its parameters. */
export type RpcCall = { [M in RpcMethod]: readonly [method: M, ...params: RpcMethods[M]['params']] }[RpcMethod];

/** What calls of a list come to, one by one. */
export type ResultsOf<Calls extends readonly RpcCall[]> = {
  -readonly [K in keyof Calls]: RpcMethods[Calls[K][0]]['result'] | RpcError;
};

/** Between two tries, in milliseconds; doubled up to the second, and shortened at random so that clients spread. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/**
 * A client of the daemon's CBOR-RPC. It connects when it is first needed and again whenever the connection was lost. Calls
 * may be made without waiting for earlier ones; they are carried out in order.
 *
 * A call throws `RpcError` with the daemon's message, `ConnectionError`, or the reason of its signal, which is a
 * `TimeoutError` when its time is over. Methods that may be repeated without harm are, until then; of any other,
 * `sent` of the ConnectionError says whether the daemon may have carried it out.
 */
export class CborRpcClient {
  private readonly addresses: readonly Address[];
  private connecting: Promise<RpcConnection> | undefined;
  private open: RpcConnection | undefined;
  private next = 0;
  private lastId = 0;
  private closed = false;

  constructor(private readonly options: RpcClientOptions = {}) {
    const { address = '127.0.0.1:5932' } = options;
    this.addresses = (typeof address === 'string' ? [address] : address).map(parseAddress);
    if (this.addresses.length === 0) throw new RangeError('no address to connect to');
    const { token, tls, insecure = false } = options;
    const open =
      token === undefined || tls || insecure ? undefined : this.addresses.find(({ host }) => !isLoopback(host));
    if (open) throw new RangeError(`a token goes to ${open.host} with tls, or with insecure: true for all to read`);
  }

  /** Calls a method. */
  call<M extends RpcMethod>(method: M, ...params: RpcMethods[M]['params']): Promise<RpcMethods[M]['result']> {
    return this.callWith({}, method, ...params);
  }

  /** Calls a method with a signal or a timeout of its own. */
  async callWith<M extends RpcMethod>(
    options: CallOptions,
    method: M,
    ...params: RpcMethods[M]['params']
  ): Promise<RpcMethods[M]['result']> {
    const isRepeatable = REPEATABLE.has(method);
    const request = this.request(method, params);
    const patience = waitOf(method, params);
    return (await this.exchange(request, { ...options, isRepeatable, patience }, (response) => {
      return this.resultOf(method, response);
    })) as RpcMethods[M]['result'];
  }

  /**
   * Sends several calls in one message, which are carried out in order.
   * @returns for each its result, or the RpcError that it ended with
   */
  async list<const Calls extends readonly RpcCall[]>(
    calls: Calls,
    options: CallOptions = {},
  ): Promise<ResultsOf<Calls>> {
    const requests = calls.map(([method, ...params]) => this.request(method, params));
    const isRepeatable = calls.every(([method]) => REPEATABLE.has(method));
    const patience = calls.reduce((sum, [method, ...params]) => sum + waitOf(method, params), 0);
    const responses = await this.exchange(requests, { ...options, isRepeatable, patience }, (all) => all as unknown[]);
    const results = responses.map((response, i) => {
      try {
        return this.resultOf(calls[i][0], response);
      } catch (error) {
        return error;
      }
    });
    return results as ResultsOf<Calls>;
  }

  /** Ends the connection. Calls that wait for answers are rejected. */
  close(): void {
    this.closed = true;
    this.open?.close();
  }

  private request(method: RpcMethod, params: readonly unknown[]): unknown {
    return { id: ++this.lastId, method, params: params.filter((each) => each !== undefined) };
  }

  /** Sends a message and waits for its answer, as often as need be and may be. @param read - may throw what the answer says */
  private async exchange<T>(
    message: unknown,
    { signal, timeout = this.options.timeout ?? 30_000, isRepeatable, patience }: Exchange,
    read: (response: unknown) => T,
  ): Promise<T> {
    const bytes = frame(message);
    const deadline = new Deadline(milliseconds(timeout) + patience, signal);
    const backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    // What kept it from answering says more than that time is over.
    let obstacle: Error | undefined;
    try {
      for (;;) {
        try {
          return read(decode(await this.sendOnce(bytes, deadline)));
        } catch (error) {
          if (deadline.isOver && obstacle) throw obstacle;
          if (!isPassing(error) || this.closed || (mayBeCarriedOut(error) && !isRepeatable)) throw error;
          obstacle = error as Error;
          await pause(backoff.next(), deadline.signal);
          if (deadline.isOver) throw error;
        }
      }
    } finally {
      deadline.done();
    }
  }

  private async sendOnce(bytes: Uint8Array, deadline: Deadline): Promise<Uint8Array> {
    const { signal } = deadline;
    signal.throwIfAborted();
    const connection = await untilAborted(this.connection(), signal);
    try {
      return await untilAborted(connection.send(bytes), signal);
    } catch (error) {
      // It is this one that the daemon owes an answer, to nothing else: who does not answer is not to be asked the next as well.
      if (deadline.isOver && connection.isFirst(bytes)) {
        connection.close();
        this.next++;
      }
      throw error;
    }
  }

  private connection(): Promise<RpcConnection> {
    if (this.closed) return Promise.reject(new ConnectionError('the client is closed', false));
    if (this.open && !this.open.isBroken) return Promise.resolve(this.open);
    this.connecting ??= this.connect().finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async connect(): Promise<RpcConnection> {
    const address = this.addresses[this.next % this.addresses.length];
    try {
      this.open = await RpcConnection.open(address, this.options.tls);
    } catch (error) {
      this.next++;
      throw error;
    }
    if (this.closed) this.open.close();
    const { token, namespace } = this.options;
    if (token !== undefined || namespace !== undefined) await this.signIn(this.open, token, namespace);
    return this.open;
  }

  /** Says who calls on a new connection, before anything else is said there. @throws RpcError, ConnectionError */
  private async signIn(connection: RpcConnection, token?: string, namespace?: string): Promise<void> {
    const options = Object.fromEntries(
      Object.entries({ token, namespace, client: 'coordinate-client' }).filter(([, value]) => value !== undefined),
    );
    try {
      this.resultOf('hello', decode(await connection.send(frame(this.request('hello', [options])))));
    } catch (error) {
      connection.close();
      // Nothing that was asked for has been sent yet.
      throw error instanceof ConnectionError ? new ConnectionError(error.message, false, error) : error;
    }
  }

  private resultOf(method: string, response: unknown): unknown {
    const { exact = false } = this.options;
    const parts = plainKeys(response);
    const error = parts.get('error');
    if (error !== undefined) throw new RpcError(method, String(plain(plainKeys(error).get('message') ?? 'no message')));
    const result = exact ? parts.get('result') : plain(parts.get('result'));
    return method === 'count_work_units' ? withCountsAsMap(result) : result;
  }
}

interface Exchange extends CallOptions {
  readonly isRepeatable: boolean;
  /** In addition to the timeout, in milliseconds. */
  readonly patience: number;
}

/** How long the daemon may let a call wait for work, in milliseconds. */
function waitOf(method: RpcMethod, params: readonly unknown[]): number {
  if (method !== 'get_work') return 0;
  return Math.max(0, (params[1] as ClaimOptions | undefined)?.wait ?? 0) * 1000;
}

/** Whether it will be over by itself. */
function isPassing(error: unknown): boolean {
  return error instanceof ConnectionError || isStorageAway(error);
}

function mayBeCarriedOut(error: unknown): boolean {
  return error instanceof ConnectionError ? error.sent : isStorageAway(error);
}

/** What the daemon says while its database is out of reach; at times it cannot know what has become of a change. */
function isStorageAway(error: unknown): boolean {
  return error instanceof RpcError && error.message.startsWith('storage unavailable');
}

/** Counts are by number, which only a Map can be; without any, CBOR does not tell which kind of map they are. */
function withCountsAsMap(result: unknown): unknown {
  if (!Array.isArray(result) || result[0] === null || result[0] instanceof Map) return result;
  return [new Map(Object.entries(result[0] as object)), ...(result.slice(1) as unknown[])];
}

/** The parts of a map by the text of their keys, as they are. */
function plainKeys(value: unknown): Map<string, unknown> {
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value ?? {});
  return new Map(entries.map(([key, item]) => [String(plain(key)), item] as const));
}

/** What a promise comes to, or the reason of the signal if that comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    // Nobody waits for it any more.
    promise.catch(() => undefined);
  }
}
