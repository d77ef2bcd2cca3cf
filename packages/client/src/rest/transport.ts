import { ConnectionError } from '../connection-error.js';

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** @param name in small letters */
  header(name: string): string | undefined;
  readonly text: string;
}

/** How requests get to the daemon. */
export interface Transport {
  /** @throws ConnectionError, or the reason of the signal */
  send(request: HttpRequest): Promise<HttpAnswer>;
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

  async send({ url, signal, ...init }: HttpRequest): Promise<HttpAnswer> {
    try {
      const response = await this.fetch(url, { ...init, signal });
      const text = await response.text();
      return { status: response.status, text, header: (name) => response.headers.get(name) ?? undefined };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const { message, cause } = error as Error & {
        readonly cause?: { readonly code?: string; readonly message?: string };
      };
      const reason = cause?.message || message;
      throw new ConnectionError(`${new URL(url).origin}: ${reason}`, !NOT_SENT.has(cause?.code ?? ''), error);
    }
  }

  close(): void {
    // The platform ends connections as it likes.
  }
}
