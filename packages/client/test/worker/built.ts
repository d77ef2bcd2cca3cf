import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Coordinate, Logger, Worker, WorkerOptions, Handlers } from 'coordinate-client';
import { shared } from '../../../../test/support/shared.js';
import { type RunningDaemon, startDaemon } from '../../../../test/support/daemon.js';

/** The client as it is installed: a part of the worker runs in threads and processes, from files of its own. */
export async function builtClient(): Promise<typeof import('coordinate-client')> {
  const folder = await shared('/client');
  return (await import(
    /* @vite-ignore */ pathToFileURL(join(folder, 'index.js')).href
  )) as typeof import('coordinate-client');
}

let namespaces = 0;

/** A daemon, and namespaces in it for each test. */
export class World {
  private readonly workers: Worker[] = [];

  private constructor(
    readonly client: typeof import('coordinate-client'),
    readonly daemon: RunningDaemon,
    readonly coordinate: Coordinate,
  ) {}

  static async begin(flags: readonly string[] = []): Promise<World> {
    const client = await builtClient();
    const daemon = await startDaemon(['-cborrpc', 'off', ...flags]);
    return new World(client, daemon, client.connect(`http://127.0.0.1:${daemon.httpPort}`));
  }

  /** A namespace in which nothing is but a work spec `s`. */
  async fresh(definition = {}): Promise<Coordinate> {
    const own = this.coordinate.in(`worker test ${process.pid} ${namespaces++}`);
    await own.spec('s').set(definition);
    return own;
  }

  /** A worker that runs until the test stops it, or its file is over. */
  work(own: Coordinate, handlers: Handlers, options: WorkerOptions = {}): Worker {
    const worker = new this.client.Worker(own, handlers, { signals: false, wait: '1s', ...options });
    this.workers.push(worker);
    void worker.run();
    return worker;
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    this.coordinate.close();
    await this.daemon.stop();
  }
}

/** Keeps its lines. */
export class Lines implements Logger {
  readonly lines: Record<string, unknown>[] = [];

  private readonly write =
    (level: string) =>
    (fields: object, message?: string): void =>
      void this.lines.push({ level, message, ...fields });

  readonly debug = this.write('debug');
  readonly info = this.write('info');
  readonly warn = this.write('warn');
  readonly error = this.write('error');
}
