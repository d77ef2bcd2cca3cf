import { ConnectionError } from '../connection-error.js';

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  /**
   * Whether it has to be known what became of it when the signal aborts: an answer that was under way is taken, and where none comes
   * the daemon does nothing more for it. As far as the platform lets one see.
   */
  readonly isHeardOut?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** @param name in small letters */
  header(name: string): string | undefined;
  readonly text: string;
}

/** An answer that comes bit by bit. */
export interface HttpStream extends Omit<HttpAnswer, 'text'> {
  /** Its text, as it comes. It throws when the connection ends before the answer does. */
  readonly chunks: AsyncIterable<string>;
}

/** How requests get to the daemon. */
export interface Transport {
  /** @throws ConnectionError, or the reason of the signal */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The same of an answer that goes on for as long as somebody reads it, until the signal aborts. */
  stream(request: HttpRequest): Promise<HttpStream>;
  close(): void;
}

/** Of errors of Node's fetch: the request has not left. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Requests by the fetch of the platform, or one that is like it. */
export class FetchTransport implements Transport {
  constructor(private readonly fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis)) {}

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const response = await this.ask(request);
    const text = await orLost(response.text(), request, true);
    return { status: response.status, text, header: (name) => response.headers.get(name) ?? undefined };
  }

  async stream(request: HttpRequest): Promise<HttpStream> {
    const { status, headers, body } = await this.ask(request);
    return { status, header: (name) => headers.get(name) ?? undefined, chunks: chunksOf(body) };
  }

  private ask(request: HttpRequest): Promise<Response> {
    const { url, ...init } = request;
    return orLost(this.fetch(url, init), request, false);
  }

  close(): void {
    // The platform ends connections as it likes.
  }
}

/** @param isBegun whether there is an answer already @throws ConnectionError, or the reason of the signal */
async function orLost<T>(answer: Promise<T>, { url, signal }: HttpRequest, isBegun: boolean): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const { message, cause } = error as Error & {
      readonly cause?: { readonly code?: string; readonly message?: string };
    };
    const sent = isBegun || !NOT_SENT.has(cause?.code ?? '');
    throw new ConnectionError(`${new URL(url).origin}: ${cause?.message || message}`, sent, error);
  }
}

async function* chunksOf(body: Response['body']): AsyncGenerator<string> {
  if (!body) return;
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const decoder = new TextDecoder();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield decoder.decode(part.value, { stream: true });
  }
}
