import { destination, type DestinationStream } from 'pino';

/** What waits to be written when whoever reads the log is slow; more is dropped. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Where the log goes. Lines are written behind the back of the event loop, so that a slow reader does not hold the daemon
 * up; those that find no room are dropped and counted, and the log says so as soon as there is room again.
 */
export class LogOutput implements DestinationStream {
  /** Lines dropped since the start. */
  dropped = 0;
  /** Writes into the log how many lines were dropped since it was last asked to. */
  onDropped: (lines: number) => void = () => undefined;
  private unreported = 0;
  private ended = false;
  private readonly out: ReturnType<typeof destination>;

  constructor(fd: number, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.out = destination({ dest: fd, sync: false, maxLength: maxWaitingBytes });
    this.out.on('drop', () => {
      this.dropped++;
      this.unreported++;
    });
    this.out.on('drain', () => this.report());
    // A full disk, say: what waits is tried again with the next line, and a daemon goes on without its log.
    this.out.on('error', () => undefined);
  }

  write(line: string): void {
    if (!this.ended) this.out.write(line);
  }

  /** Writes what waits, for `ms` milliseconds at most, and takes nothing more. */
  async close(ms: number): Promise<void> {
    if (this.ended) return;
    this.report();
    this.ended = true;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        this.abandon();
        resolve();
      }, ms);
      this.out.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      this.out.end();
    });
  }

  /** Gives up what waits, so that the process can end at once. */
  abandon(): void {
    this.ended = true;
    this.out.destroy();
  }

  private report(): void {
    if (this.unreported === 0 || this.ended) return;
    const lines = this.unreported;
    this.unreported = 0;
    this.onDropped(lines);
  }
}
