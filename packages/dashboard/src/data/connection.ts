import type { Coordinate, HttpAnswer, HttpRequest, HttpStream, Transport } from 'coordinate-client';
import { connect, ConnectionError, FetchTransport, UnknownCallerError } from 'coordinate-client';
import { Store } from '../store.js';

/** Where the page is: what all addresses of it begin with. */
export const PAGE_BASE = new URL(document.baseURI).pathname;
/** Where REST is: beside it. */
export const API_BASE = new URL('..', document.baseURI).href.replace(/\/$/, '');

/** Since when the daemon does not answer; undefined: it does. */
export const away = new Store<Date | undefined>(undefined);

/** Notes of each request whether there was an answer. */
class WatchedTransport implements Transport {
  private readonly inner = new FetchTransport();

  async send(request: HttpRequest): Promise<HttpAnswer> {
    return noted(() => this.inner.send(request));
  }

  async stream(request: HttpRequest): Promise<HttpStream> {
    const { chunks, ...stream } = await noted(() => this.inner.stream(request));
    return { ...stream, header: stream.header, chunks: watched(chunks) };
  }

  close(): void {
    this.inner.close();
  }
}

async function noted<T extends { readonly status: number }>(ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    // A proxy answers for a daemon that is away.
    note(answer.status !== 502 && answer.status !== 504);
    return answer;
  } catch (error) {
    if (error instanceof ConnectionError) note(false);
    throw error;
  }
}

async function* watched(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    for await (const chunk of chunks) yield chunk;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) note(false);
    throw error;
  }
}

function note(isThere: boolean): void {
  if (isThere) away.set(undefined);
  else if (away.get() === undefined) away.set(new Date());
}

/** Who this is says the cookie of a session, which the browser sends along and no script sees. */
const coordinate: Coordinate = connect(API_BASE, {
  transport: new WatchedTransport(),
  // What is done by hand is done again by hand.
  retry: false,
});

/** A namespace of the daemon that serves the page. */
export function api(namespace = ''): Coordinate {
  return coordinate.in(namespace);
}

/** What the daemon says that is no JSON. @throws UnknownCallerError, Error */
export async function readText(path: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(API_BASE + path, { signal });
  if (answer.status === 401) throw new UnknownCallerError(401, { error: 'error', message: 'sign in first' });
  if (!answer.ok)
    throw new Error(answer.status === 403 ? 'You may not see the metrics of this daemon.' : answer.statusText);
  return answer.text();
}
