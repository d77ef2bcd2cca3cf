import { pino } from 'pino';
import { type Daemon, startDaemon } from '../../src/bootstrap/daemon.js';
import { loadConfig } from '../../src/config/load.js';

/** A daemon in this process, with both of its interfaces on free ports. */
export class OpenDaemon {
  readonly url: string;
  readonly rpcPort: number;

  private constructor(private readonly daemon: Daemon) {
    this.url = `http://127.0.0.1:${this.portOf('HTTP')}`;
    this.rpcPort = this.portOf('CBOR-RPC');
  }

  /** @param backend - as the flag has it */
  static async start(backend = 'memory', flags: readonly string[] = []): Promise<OpenDaemon> {
    const own = ['-http', '127.0.0.1:0', '-cborrpc', '127.0.0.1:0', '-namespace', 'n', '-backend', backend];
    const loaded = loadConfig([...own, ...flags], { env: {}, isTerminal: false });
    if (loaded.action !== 'start') throw new Error('not a configuration');
    return new OpenDaemon(await startDaemon(loaded.config, { logger: pino({ enabled: false }) }));
  }

  get httpPort(): number {
    return Number(new URL(this.url).port);
  }

  private portOf(service: string): number {
    return Number(/:(\d+)$/.exec(this.daemon.banner.find((line) => line.startsWith(service))!)![1]);
  }

  async send(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
  }

  /** What a metric says. @param name - with its labels, where it has some */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  }

  /** How many claims wait. */
  waiting(): Promise<number> {
    return this.metric('coordinate_waiting_claims');
  }

  async close(): Promise<void> {
    await this.daemon.close();
  }
}
