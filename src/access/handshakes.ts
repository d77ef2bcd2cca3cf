import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';

/** Most handshakes that go on at once: each holds some tens of kilobytes that nothing else counts. */
const MOST = 500;

/**
 * Watches over the connections of a TLS server before they are anybody's. Where too many are in the middle of their handshake, those go
 * first that have been at it for longest: one that is honest takes milliseconds.
 */
export class Handshakes {
  /** How many have failed: cut off, plain, of a certificate that is not taken. */
  failed = 0;
  private readonly pending = new Set<Socket>();
  /** The connections beneath, by where they come from: encrypted ones do not say which is theirs. */
  private readonly beneath = new Map<string, Socket>();

  /**
   * @param established - is told of connections that are as they should be
   * @param most - handshakes at once
   */
  constructor(server: Server, established: (socket: TLSSocket, beneath: Socket) => void, most = MOST) {
    server.on('connection', (socket: Socket) => {
      for (const oldest of this.pending) {
        if (this.pending.size < most) break;
        this.end(oldest);
      }
      const from = originOf(socket);
      this.pending.add(socket);
      this.beneath.set(from, socket);
      socket.once('close', () => {
        this.pending.delete(socket);
        if (this.beneath.get(from) === socket) this.beneath.delete(from);
      });
    });
    server.on('tlsClientError', (_error, socket) => {
      this.failed++;
      socket.destroy();
    });
    server.on('secureConnection', (socket) => {
      const beneath = this.beneath.get(originOf(socket));
      if (beneath === undefined || isOfWrongClient(socket)) {
        this.failed++;
        socket.destroy();
        return;
      }
      this.pending.delete(beneath);
      socket.disableRenegotiation();
      established(socket, beneath);
    });
  }

  /** How many handshakes go on. */
  get size(): number {
    return this.pending.size;
  }

  /** Ends all handshakes. */
  cutOff(): void {
    for (const socket of this.pending) this.end(socket);
  }

  private end(socket: Socket): void {
    this.pending.delete(socket);
    socket.destroy();
  }
}

/** Whether a client shows a certificate that is nobody's, or no longer: it is refused even where none is asked for. */
function isOfWrongClient(socket: TLSSocket): boolean {
  return !socket.authorized && socket.getPeerX509Certificate() !== undefined;
}

function originOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
