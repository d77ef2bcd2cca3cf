import { ConnectionError } from '../connection-error.js';
import type { DataForm } from '../data/forms.js';
import { DataReader } from '../data/forms.js';
import type { Duration } from '../duration.js';
import { milliseconds } from '../duration.js';
import { isLoopback } from '../loopback.js';
import type { CallOptions } from '../waiting.js';
import { Backoff, Deadline, pause } from '../waiting.js';
import { CoordinateError } from './coordinate-error.js';
import { errorBodyOf, errorOf } from './errors.js';
import type { HttpAnswer, HttpRequest, Transport } from './transport.js';

/** Something that the daemon took, but that is probably not as it was meant. */
export interface Warning {
  readonly key: string;
  readonly reason: string;
}

export interface RestOptions {
  /** Who calls, where the daemon asks (`coordinated token` makes one); a function is asked before each request. */
  readonly token?: string | (() => string | Promise<string>);
  /** Send the token to other machines without TLS, where whoever can read the network reads it. */
  readonly insecure?: boolean;
  /** How long a call may take, whatever is tried again included; 30 s where it is absent. */
  readonly timeout?: Duration;
  /** Whether to try again what does no harm when the daemon is away, or says so; true where it is absent. */
  readonly retry?: boolean;
  /** How data are given to whoever reads them; `exact` where it is absent. */
  readonly data?: DataForm;
  /** Hears what looks mistyped in what was sent, of which the daemon says so. */
  readonly onWarning?: (warning: Warning, path: string) => void;
}

/** A request as the classes of this package make it. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From `/` on, without the query. */
  readonly path: string;
  /** Parts of the query, encoded: `limit=10`. */
  readonly query?: readonly string[];
  readonly body?: unknown;
  /** A body that is JSON already, as text or in UTF-8. */
  readonly json?: HttpRequest['body'];
  /** Whether carrying it out twice does no harm, so that it is sent again when its answer was lost; true for GET. */
  readonly isRepeatable?: boolean;
  /** Whether nobody wants to know what the answer says besides warnings, which may be long. */
  readonly isAnswerUnread?: boolean;
  /** In addition to the timeout, for what the daemon lets wait. */
  readonly patience?: number;
  /** Whether it has to be known what became of it when the call is given up, which may take a moment more: see HttpRequest. */
  readonly isHeardOut?: boolean;
}

export interface Reply<T> {
  readonly value: T;
  /** Reads the data dictionaries in it. */
  readonly data: DataReader;
  /** When the daemon said it, by its own clock, as far as it says. */
  readonly date: Date | undefined;
  /** Whether an answer to the same call was lost before. */
  readonly wasRepeated: boolean;
}

/** Statuses that say that somebody else should be asked, or later. */
const AWAY = new Set([502, 503, 504]);

/**
 * Requests to a daemon, or to one of several that are the same to whoever asks. What is refused by 503 or 429 with a `Retry-After`
 * was not carried out, and is sent again; so is what did not get there. What may have been carried out, its answer being lost, is
 * sent again only where that does no harm.
 */
export class RestClient {
  private readonly bases: readonly string[];
  private current = 0;

  /** @param options as they were given @throws RangeError */
  constructor(
    readonly urls: readonly string[],
    readonly options: RestOptions,
    private readonly transport: Transport,
  ) {
    this.bases = urls.map(baseOf);
    if (this.bases.length === 0) throw new RangeError('no address to connect to');
    const { token, insecure = false } = options;
    const open = token === undefined || insecure ? undefined : this.bases.find(isOpen);
    if (open) throw new RangeError(`a token goes to ${open} by https, or with insecure: true for all to read`);
  }

  /** How answers are to have data: a part of the query. */
  get dataQuery(): string {
    return this.options.data === 'raw' ? 'data=cbor' : 'data=json';
  }

  /** @throws CoordinateError, ConnectionError, or the reason of the signal, which is a TimeoutError when the time is over */
  async call<T>(call: Call, { signal, timeout = this.options.timeout ?? 30_000 }: CallOptions = {}): Promise<Reply<T>> {
    const deadline = new Deadline(milliseconds(timeout) + (call.patience ?? 0), signal);
    const body = call.json ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
    const backoff = new Backoff();
    let wasRepeated = false;
    let last: Error | undefined;
    try {
      for (let tries = 1; ; tries++) {
        const error = await this.attempt(call, body, deadline, last);
        if (!(error instanceof Error)) return replyOf<T>(error, this.options, call, wasRepeated);
        const wasLost = mayBeCarriedOut(error);
        const isRepeatable = call.isRepeatable ?? call.method === 'GET';
        if (error instanceof CoordinateError) error.wasRepeated = wasRepeated;
        if (!isPassing(error) || (wasLost && !isRepeatable) || this.options.retry === false) throw error;
        wasRepeated ||= wasLost;
        last = error;
        const wait = this.waitAfter(error, tries, backoff);
        // Who asks is told at once what no waiting can change.
        if (wait >= deadline.left) throw error;
        if (wait > 0) await pause(wait, deadline.signal);
      }
    } finally {
      deadline.done();
    }
  }

  /**
   * The text of an answer as it comes, once; it is ended when nobody takes it any more.
   * @param silence longest time, in milliseconds, in which nothing comes @throws as call does
   */
  async *stream(
    path: string,
    headers: Readonly<Record<string, string>>,
    silence: number,
    signal?: AbortSignal,
  ): AsyncGenerator<string, void, undefined> {
    const at = this.current;
    const over = new AbortController();
    let deadline = new Deadline(silence, signal);
    const onAbort = (): void => over.abort(deadline.signal.reason);
    deadline.signal.addEventListener('abort', onAbort);
    try {
      const all = { ...(await this.headers(undefined)), ...headers };
      const request = { method: 'GET', url: `${this.bases[at]}${path}`, headers: all, signal: over.signal };
      const { status, header, chunks } = await this.transport.stream(request);
      let text = '';
      for await (const chunk of chunks) {
        deadline.done();
        deadline = new Deadline(silence, signal);
        deadline.signal.addEventListener('abort', onAbort);
        if (status < 400) yield chunk;
        else text += chunk;
      }
      if (status >= 400) throw errorOf(status, errorBodyOf(status, text), retryAfterOf({ header }));
    } catch (error) {
      if (error instanceof CoordinateError && !AWAY.has(error.status)) throw error;
      this.goOnFrom(at);
      if (over.signal.aborted) throw over.signal.reason;
      if (error instanceof CoordinateError || error instanceof ConnectionError) throw error;
      throw new ConnectionError(`${this.bases[at]}: ${(error as Error).message}`, true, error);
    } finally {
      deadline.done();
      over.abort(new Error('nobody listens any more'));
    }
  }

  close(): void {
    this.transport.close();
  }

  /** Sends it once. @returns the answer, or the error that it or the way to it came to @throws what ends the whole call */
  private async attempt(
    { method, path, query = [], isHeardOut }: Call,
    body: HttpRequest['body'],
    deadline: Deadline,
    last: Error | undefined,
  ): Promise<HttpAnswer | Error> {
    const at = this.current;
    const { signal } = deadline;
    try {
      signal.throwIfAborted();
      const url = `${this.bases[at]}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
      const headers = await this.headers(body);
      const answer = await this.transport.send({ method, url, headers, body, signal, isHeardOut });
      if (answer.status < 400) return answer;
      if (AWAY.has(answer.status)) this.goOnFrom(at);
      return errorOf(answer.status, errorBodyOf(answer.status, answer.text), retryAfterOf(answer));
    } catch (error) {
      if (deadline.isOver || error instanceof ConnectionError) this.goOnFrom(at);
      if (error instanceof ConnectionError) return error;
      // What kept it from answering says more than that time is over.
      throw deadline.isOver && last ? last : error;
    }
  }

  /** How long to wait before the next try: not at all as long as there is an address that was not tried. */
  private waitAfter(error: Error, tries: number, backoff: Backoff): number {
    const asked = error instanceof CoordinateError ? error.retryAfter : undefined;
    const isElsewhere = tries % this.bases.length !== 0;
    if (isElsewhere && !(error instanceof CoordinateError && error.status === 429)) return 0;
    const wait = backoff.next();
    return asked === undefined ? wait : asked * 1000 + wait;
  }

  /** The next address, unless another call has gone on already. */
  private goOnFrom(at: number): void {
    if (this.current === at) this.current = (at + 1) % this.bases.length;
  }

  private async headers(body: HttpRequest['body']): Promise<Record<string, string>> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const { token } = this.options;
    if (token !== undefined) headers.authorization = `Bearer ${typeof token === 'string' ? token : await token()}`;
    return headers;
  }
}

/** Whether it will be over by itself. */
export function isPassing(error: Error): boolean {
  return (
    error instanceof ConnectionError ||
    (error instanceof CoordinateError && (error.status === 429 || AWAY.has(error.status)))
  );
}

/** Whether what was asked may have been done all the same. A daemon that says when to ask again has done nothing. */
function mayBeCarriedOut(error: Error): boolean {
  if (error instanceof ConnectionError) return error.sent;
  return error instanceof CoordinateError && AWAY.has(error.status) && error.retryAfter === undefined;
}

function replyOf<T>(answer: HttpAnswer, options: RestOptions, call: Call, wasRepeated: boolean): Reply<T> {
  const { text } = answer;
  const isUnread = text === '' || (call.isAnswerUnread && !text.includes('"warnings"'));
  const value = (isUnread ? undefined : JSON.parse(text)) as T;
  if (options.onWarning) {
    const inHeader = answer.header('coordinate-warnings');
    const warnings = inHeader === undefined ? warningsIn(value) : (JSON.parse(inHeader) as Warning[]);
    for (const warning of warnings) options.onWarning(warning, call.path);
  }
  const date = answer.header('date');
  return {
    value,
    data: new DataReader(options.data ?? 'exact', text),
    date: date === undefined ? undefined : new Date(date),
    wasRepeated,
  };
}

function warningsIn(value: unknown): readonly Warning[] {
  return (value as { readonly warnings?: readonly Warning[] } | undefined)?.warnings ?? [];
}

/** Seconds until one may ask again. */
function retryAfterOf(answer: Pick<HttpAnswer, 'header'>): number | undefined {
  const text = answer.header('retry-after');
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** An address without its last `/`. @throws RangeError */
function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new RangeError(`not an address like http://127.0.0.1:5980: ${text.slice(0, 100)}`);
  }
  if (url.username || url.password) throw new RangeError('a token is given by the option token, not in the address');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** Whether what is sent there can be read on the way. */
function isOpen(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return protocol === 'http:' && !isLoopback(hostname);
}
