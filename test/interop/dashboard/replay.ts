import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Events of a namespace as they went over the wire, each a message of the stream. */
export interface Recording {
  /** How work specs stood, a second after another. */
  readonly overviews: readonly string[];
  readonly failures: readonly string[];
}

/** Writes down what a stream of events tells, until that is ended. @param url of the stream */
export async function record(url: string, signal: AbortSignal): Promise<Recording> {
  const overviews: string[] = [];
  const failures: string[] = [];
  let text = '';
  try {
    const { body } = await fetch(url, { signal });
    const decoder = new TextDecoder();
    for await (const chunk of body!) {
      const messages = (text + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
      text = messages.pop()!;
      for (const message of messages) {
        if (message.startsWith('event: failure')) failures.push(message);
        // How all of them stand is told once, to who begins to listen.
        else if (message.startsWith('event: overview') && !message.includes('"complete":true')) overviews.push(message);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return { overviews, failures };
}

/** What happens in one second, in each of which the overview is told once. */
const EVENTS_A_SECOND = 67;

/** Stands before a daemon and is just that, but for its events, in place of which it plays a recording again and again. */
export class Replay {
  private listener: ServerResponse | undefined;
  private heard = (): void => undefined;
  private seconds = 0;
  private failures = 0;

  private constructor(
    private readonly daemon: URL,
    private readonly recording: Recording,
    private readonly server: Server,
  ) {
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => {
      if (asked.url!.split('?', 1)[0].endsWith('/events')) this.listen(answer);
      else this.forward(asked, answer);
    });
  }

  static async before(daemon: string, recording: Recording): Promise<Replay> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Replay(new URL(daemon), recording, server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Events told so far. */
  get events(): number {
    return this.seconds * EVENTS_A_SECOND;
  }

  /**
   * Plays what happens in so many seconds, so many times as fast, and no faster than it is read.
   * @param mark the name of a work spec that is there at the end of it, so that a page that shows it has read all before
   */
  async play(seconds: number, speed: number, mark: string): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      const due = new Promise((resolve) => setTimeout(resolve, 1_000 / speed));
      await this.say(this.nextSecond());
      await due;
    }
    const [, data] = /^data: (.*)$/m.exec(this.recording.overviews[0])!;
    const { work_specs: specs, ...overview } = JSON.parse(data) as { work_specs: readonly object[] };
    const marked = JSON.stringify({ ...overview, work_specs: [{ ...specs[0], name: mark }] });
    await this.say(`event: overview\ndata: ${marked}\n\n`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private nextSecond(): string {
    const { overviews, failures } = this.recording;
    const messages = [overviews[this.seconds++ % overviews.length]];
    while (messages.length < EVENTS_A_SECOND) {
      // The unit is another one each time, as it is when time goes on.
      const message = failures[this.failures++ % failures.length];
      messages.push(message.replace(/"work_unit":"/, `$&${this.failures}-`));
    }
    return `${messages.join('\n\n')}\n\n`;
  }

  /** A page that has begun to listen anew, since nothing came for long by its own timers, is told the same once more. */
  private async say(text: string): Promise<void> {
    for (;;) {
      while (this.listener === undefined) await new Promise<void>((resolve) => (this.heard = resolve));
      const { listener } = this;
      if (listener.write(text)) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          listener.off('drain', done).off('close', done);
          resolve();
        };
        listener.on('drain', done).on('close', done);
      });
      if (!listener.destroyed) return;
    }
  }

  private listen(answer: ServerResponse): void {
    answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    answer.flushHeaders();
    this.listener = answer;
    answer.on('close', () => {
      if (this.listener === answer) this.listener = undefined;
    });
    this.heard();
  }

  private forward(asked: IncomingMessage, answer: ServerResponse): void {
    const { hostname: host, port } = this.daemon;
    const { method, url: path, headers } = asked;
    const sent = request({ host, port, method, path, headers }, (came) => {
      answer.writeHead(came.statusCode!, came.headers);
      came.pipe(answer);
    });
    sent.on('error', () => answer.destroy());
    asked.pipe(sent);
  }
}
