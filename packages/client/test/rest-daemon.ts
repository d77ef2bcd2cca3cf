import { connect, type Coordinate } from 'coordinate-client';
import { type RunningDaemon, startDaemon } from '../../../test/support/daemon.js';

/** A started daemon, and a client of its REST. */
export class RestDaemon {
  private namespaces = 0;

  private constructor(
    private readonly daemon: RunningDaemon,
    readonly url: string,
    readonly coordinate: Coordinate,
  ) {}

  static async start(): Promise<RestDaemon> {
    const daemon = await startDaemon(['-cborrpc', 'off']);
    const url = `http://127.0.0.1:${daemon.httpPort}`;
    return new RestDaemon(daemon, url, connect(url));
  }

  /** A namespace in which nothing is yet, with a work spec `s`. */
  async fresh(definition = {}): Promise<Coordinate> {
    const own = this.coordinate.in(`namespace ${this.namespaces++}`);
    await own.spec('s').set(definition);
    return own;
  }

  async stop(): Promise<void> {
    this.coordinate.close();
    await this.daemon.stop();
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
