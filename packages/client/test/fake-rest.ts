import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a fake daemon got it. */
export interface FakeCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** A server that does what a test says with each request, for what a real daemon does only when something breaks. */
export interface FakeRest {
  readonly url: string;
  readonly calls: FakeCall[];
  close(): Promise<void>;
}

/** What is to become of a request: an answer, or that the connection ends. */
export type Fate =
  | {
      readonly status?: number;
      readonly body?: unknown;
      readonly text?: string;
      readonly headers?: Record<string, string>;
    }
  | 'cut'
  | 'silence';

export async function fakeRest(fateOf: (call: FakeCall, number: number) => Fate): Promise<FakeRest> {
  const calls: FakeCall[] = [];
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const call = {
      method: request.method!,
      url: request.url!,
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    calls.push(call);
    const fate = fateOf(call, calls.length);
    if (fate === 'silence') return;
    if (fate === 'cut') return void request.socket.resetAndDestroy();
    const { status = 200, body, text: plain = '', headers } = fate;
    response.writeHead(status, headers);
    response.end(body === undefined ? plain : JSON.stringify(body));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
