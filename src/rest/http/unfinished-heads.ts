import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A head of so many bytes is let be: most are far below a kilobyte. */
const SMALL = 16 * 1024;

/** Up to where what a connection has brought is known to be requests. */
interface Known {
  /** Offset in what it has brought, in bytes. */
  end: number;
  /** Whether a request is on its way of which nobody knows how long it is. */
  isUnmeasured: boolean;
}

/**
 * Bounds what is held of heads of requests that have begun to arrive and do not end, however many connections have one: Node
 * keeps them, and tells nobody before they are complete. So they are known by what a connection has brought beyond the requests
 * that are there.
 */
export class UnfinishedHeads {
  /** How many connections have been cut off. */
  cut = 0;
  private readonly connections = new WeakMap<Socket, Known>();

  /** @param maxBytes - of all heads together */
  constructor(private readonly maxBytes: number) {}

  /** A head is there. What came with it in one piece is taken for its own. */
  begun(request: IncomingMessage): void {
    const { headers, socket } = request;
    let known = this.connections.get(socket);
    if (known === undefined) this.connections.set(socket, (known = { end: 0, isUnmeasured: false }));
    known.end = socket.bytesRead + (Number(headers['content-length']) || 0);
    if (headers['transfer-encoding'] !== undefined) awaitEnd(request, known);
  }

  /** Cuts those off of all connections that hold most, where they hold too much together. To be called again and again. */
  check(sockets: Iterable<Socket>): void {
    let bytes = 0;
    const large: { readonly socket: Socket; readonly held: number }[] = [];
    for (const socket of sockets) {
      const { end = 0, isUnmeasured = false } = this.connections.get(socket) ?? {};
      const held = socket.bytesRead - end;
      if (held <= SMALL || isUnmeasured || socket.destroyed) continue;
      bytes += held;
      large.push({ socket, held });
    }
    if (bytes <= this.maxBytes) return;
    large.sort((one, other) => other.held - one.held);
    for (const { socket, held } of large) {
      if (bytes <= this.maxBytes) return;
      this.cut++;
      bytes -= held;
      socket.destroy();
    }
  }
}

/** Nobody knows how long the request is before it is there. */
function awaitEnd(request: IncomingMessage, known: Known): void {
  known.isUnmeasured = true;
  request.once('end', () => {
    known.isUnmeasured = false;
    known.end = request.socket.bytesRead;
  });
}
