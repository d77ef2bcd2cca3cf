import type { Socket } from 'node:net';
import { connect, createServer, type Server } from 'node:net';

/** What becomes of the bytes of connections through it. */
export type Passing = 'both ways' | 'no answers' | 'nothing';

/**
 * A network between a daemon and its database that swallows bytes when it is told to, without a word to either end: new
 * connections are accepted, and nothing is ever said on them.
 */
export class BlackHole {
  private passing: Passing = 'both ways';
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** @param target - the port behind it, on this machine */
  static async before(target: number): Promise<BlackHole> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const hole = new BlackHole(server, (server.address() as { port: number }).port);
    server.on('connection', (near) => hole.join(near, connect(target, '127.0.0.1')));
    return hole;
  }

  private join(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    this.pairs.add(pair);
    near.on('data', (bytes) => this.passing !== 'nothing' && far.write(bytes));
    far.on('data', (bytes) => this.passing === 'both ways' && near.write(bytes));
    for (const [socket, other] of [pair, [far, near] as const]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        // What is swallowed has no end either.
        if (socket === near || this.passing === 'both ways') other.destroy();
        this.pairs.delete(pair);
      });
    }
  }

  /** The connections that go through it, which are closed when they have ended. */
  get connections(): readonly Socket[] {
    return Array.from(this.pairs, ([near]) => near);
  }

  let(passing: Passing): void {
    this.passing = passing;
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  /** Ends all connections without a word. */
  cut(): void {
    for (const [near, far] of this.pairs) {
      near.destroy();
      far.destroy();
    }
  }
}
