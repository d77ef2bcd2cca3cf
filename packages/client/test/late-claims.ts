import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A network in front of a daemon on which requests for work, and what comes after them on their connections, are under way for longer
 * than anything else.
 */
export class LateClaims {
  private readonly sockets = new Set<Socket>();
  private seen!: () => void;
  private passed!: () => void;
  /** A request for work is under way. */
  readonly underWay = new Promise<void>((resolve) => (this.seen = resolve));
  /** It has come to the daemon, and so has the end of its connection. */
  readonly delivered = new Promise<void>((resolve) => (this.passed = resolve));

  private constructor(
    private readonly server: Server,
    private readonly lateMs: number,
  ) {}

  /** @param port of the daemon, on this machine @param lateMs how much later, in milliseconds */
  static async before(port: number, lateMs: number): Promise<LateClaims> {
    const server = createServer({ allowHalfOpen: true });
    const network = new LateClaims(server, lateMs);
    server.on('connection', (near) => {
      network.join(near, connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(near: Socket, far: Socket): void {
    let isLate = false;
    const pass = (what: () => void): void => void (isLate ? setTimeout(what, this.lateMs) : what());
    near.on('data', (bytes) => {
      isLate ||= bytes.includes('/request_attempts');
      if (isLate) this.seen();
      pass(() => far.write(bytes));
    });
    near.on('end', () => {
      const ends = isLate ? this.passed : undefined;
      pass(() => far.end(ends));
    });
    near.on('close', () => pass(() => far.destroySoon()));
    far.on('data', (bytes) => near.write(bytes));
    far.on('end', () => near.end());
    far.on('close', () => near.destroySoon());
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
    }
  }
}
