import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startDaemon } from '../support/daemon.js';

const MIB = 1024 * 1024;
const CONNECTIONS = 24;
/** Just below what Node takes of a head. */
const HEAD = `GET / HTTP/1.1\r\nx-long: ${'a'.repeat(MIB - 1000)}`;

async function send(port: number, bytes: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  socket.resume();
  return socket;
}

async function cutOff(base: string): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text();
  return Number(/^coordinate_http_cut_connections_total\{reason="no_room"\} (\d+)$/m.exec(text)![1]);
}

it('closes those with most of a head that does not end, where all together are more than may be held', async () => {
  const daemon = await startDaemon(['-max-message', '4MiB', '-max-buffered', '8MiB']);
  const base = `http://127.0.0.1:${daemon.httpPort}`;
  const sockets: Socket[] = [];
  try {
    // What came before on the connection is not taken for a head: a request without, with and with an unmeasured body.
    const chunked = 'POST /namespace HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    for (const before of ['', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}', chunked]) {
      for (let i = 0; i < CONNECTIONS / 4; i++) sockets.push(await send(daemon.httpPort, before));
    }
    const answered = sockets.slice(CONNECTIONS / 4);
    await expect.poll(() => answered.filter(({ bytesRead }) => bytesRead > 0).length).toBe(answered.length);
    expect(await cutOff(base)).toBe(0);
    for (const socket of sockets) socket.write(HEAD);
    await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(CONNECTIONS - 8);
    expect(await cutOff(base)).toBe(CONNECTIONS - 8);
    // The others are answered when they have said all.
    const left = sockets.find(({ closed }) => !closed)!;
    const answer = once(left, 'data') as Promise<[Buffer]>;
    left.write('\r\n\r\n');
    expect((await answer)[0].toString()).toMatch(/^HTTP\/1.1 200 /);
  } finally {
    for (const socket of sockets) socket.destroy();
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  }
});
