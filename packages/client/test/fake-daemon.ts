import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { decode, encode, Tagged } from 'coordinate-client';

/** What a request asks, as a client of this package sends it. */
export interface FakeRequest {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A server that does what a test says with each message, for what a real daemon does only when something breaks. */
export interface FakeDaemon {
  readonly address: string;
  readonly received: FakeRequest[];
  close(): Promise<void>;
}

/** @param onRequest writes to the socket what it wants to */
export async function fakeDaemon(onRequest: (request: FakeRequest, socket: Socket) => void): Promise<FakeDaemon> {
  const received: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    // A message of these tests arrives in one piece, and is small enough for a length of one byte at most.
    socket.on('data', (chunk) => {
      for (let rest = chunk; rest.length > 0;) {
        const head = rest[2] < 0x58 ? 3 : 4;
        const length = head === 3 ? rest[2] & 31 : rest[3];
        const request = decode(rest.subarray(head, head + length)) as FakeRequest;
        rest = rest.subarray(head + length);
        received.push(request);
        onRequest(request, socket);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A response as it goes over the wire. */
export function response(id: number, result: unknown): Uint8Array {
  return encode(new Tagged(24, encode({ id, result })));
}
