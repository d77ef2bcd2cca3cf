import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Execute of the extended protocol, and Query of the simple one: each is a statement, or a few in one text. */
const EXECUTE = 'E'.charCodeAt(0);
const QUERY = 'Q'.charCodeAt(0);

/**
 * Stands between a daemon and its PostgreSQL, and counts what the daemon has it carry out. The statistics of the server would not
 * do: they have the transactions of autovacuum too, and come late.
 */
export class StatementCount {
  /** Statements so far. */
  statements = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** The URL of the database, by way of this. */
    readonly url: string,
  ) {}

  static async before(url: string): Promise<StatementCount> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const here = new URL(url);
    here.hostname = '127.0.0.1';
    here.port = String((server.address() as AddressInfo).port);
    const count = new StatementCount(server, here.href);
    server.on('connection', (client) => count.join(client, connect(Number(port || 5432), hostname)));
    return count;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket, database: Socket): void {
    const count = this.counter();
    client.on('data', count);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ]) {
      this.sockets.add(from);
      from.setNoDelay(true).pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }

  /** Reads the heads of messages: of the first, which has no kind, its length; of the others their kind and length. */
  private counter(): (chunk: Buffer) => void {
    const head = Buffer.alloc(5);
    let isFirst = true;
    let read = 0;
    let body = 0;
    return (chunk) => {
      for (let at = 0; at < chunk.length;) {
        if (body > 0) {
          const some = Math.min(body, chunk.length - at);
          at += some;
          body -= some;
          continue;
        }
        head[read++] = chunk[at++];
        if (read < (isFirst ? 4 : 5)) continue;
        body = head.readInt32BE(isFirst ? 0 : 1) - 4;
        if (!isFirst && (head[0] === EXECUTE || head[0] === QUERY)) this.statements++;
        isFirst = false;
        read = 0;
      }
    };
  }
}
