import { get, type IncomingMessage } from 'node:http';

/** One event as a client reads it. */
export interface Told {
  readonly event: string;
  readonly id?: string;
  readonly data: Record<string, unknown>;
}

/** A client that listens. */
export class Listener {
  readonly told: Told[] = [];
  comments = 0;
  private text = '';
  private wake: () => void = () => undefined;
  readonly ended: Promise<void>;

  constructor(readonly response: IncomingMessage) {
    this.ended = new Promise((resolve) => response.on('close', resolve));
    response.on('error', () => undefined);
    response.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      const blocks = this.text.split('\n\n');
      this.text = blocks.pop()!;
      for (const block of blocks) this.take(block);
      this.wake();
    });
  }

  private take(block: string): void {
    if (block.startsWith(':')) return void this.comments++;
    const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))) as Record<
      'event' | 'id' | 'data',
      string
    >;
    this.told.push({ event: fields.event, id: fields.id, data: JSON.parse(fields.data) as Told['data'] });
  }

  /** Waits until something has been told that is looked for. */
  async until<T>(find: (told: readonly Told[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.told);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  event(type: string, fits: (data: Told['data']) => boolean = () => true): Promise<Told> {
    return this.until((told) => told.find(({ event, data }) => event === type && fits(data)));
  }

  stop(): void {
    this.response.destroy();
  }
}

/** Begins to listen at a port of this machine. @param path - of the events */
export async function listenTo(port: number, path: string, headers: Record<string, string> = {}): Promise<Listener> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent: false }, resolve).on('error', reject);
  });
  return new Listener(response);
}
