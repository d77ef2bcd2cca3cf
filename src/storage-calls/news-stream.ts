import type { ServerResponse } from 'node:http';
import type { NewsListener } from '../live/waiting/waiting-queue.js';

/** Something is said at least so often, in milliseconds, so that both ends see whether the other is there. */
const PERIOD_MS = 15_000;

/**
 * What a storage says of a namespace, to a daemon in front: `{"work_spec"?, "units"}` an event, of those that come together one
 * for each work spec. The first says that it listens from now on.
 */
export class NewsStream {
  private readonly pending = new Map<string | undefined, number>();
  private readonly timer: NodeJS.Timeout;
  private isQueued = false;

  /**
   * @param listen - has a listener hear of all that comes, and gives what ends that
   * @param mayGoOn - whether its reader may hear more still, and reads
   */
  constructor(
    private readonly answer: ServerResponse,
    listen: (listener: NewsListener) => () => void,
    private readonly mayGoOn: () => boolean,
    onEnd: () => void,
  ) {
    const end = listen((workSpec, units) => this.note(workSpec, units));
    this.timer = setInterval(() => this.beat(), PERIOD_MS).unref();
    answer.once('close', () => {
      clearInterval(this.timer);
      end();
      onEnd();
    });
    this.note(undefined, 1);
  }

  end(): void {
    this.answer.end();
  }

  private note(workSpec: string | undefined, units: number): void {
    this.pending.set(workSpec, (this.pending.get(workSpec) ?? 0) + units);
    if (this.isQueued) return;
    this.isQueued = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.isQueued = false;
    // Who does not read hears later that there was something, not of what.
    if (this.answer.writableNeedDrain) return void this.answer.once('drain', () => this.note(undefined, 1));
    let text = '';
    for (const [work_spec, units] of this.pending)
      text += `event: work\ndata: ${JSON.stringify({ work_spec, units })}\n\n`;
    this.pending.clear();
    if (text !== '' && !this.answer.destroyed) this.answer.write(text);
  }

  private beat(): void {
    if (this.mayGoOn()) this.answer.write(':\n\n');
  }
}
