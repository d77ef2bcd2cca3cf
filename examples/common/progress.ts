import type { WriteStream } from 'node:tty';

const WIDTH = 40;
/** Where there is no terminal, a line for each further step of so many percent. */
const STEP_PERCENT = 10;

/** A progress bar; on anything but a terminal, a line now and then. */
export class ProgressBar {
  private shown = -1;

  constructor(
    private readonly out: Pick<WriteStream, 'isTTY' | 'write'>,
    private readonly total: number,
  ) {}

  show(done: number, note: string): void {
    const share = this.total === 0 ? 1 : done / this.total;
    const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.');
    const percent = Math.floor(share * 100);
    const line = `[${bar}] ${String(percent).padStart(3)}%  ${done} of ${this.total} units  ${note}`;
    if (this.out.isTTY) {
      // Back to the beginning of the line, and nothing left behind of what stood there.
      this.out.write(`\r${line}\x1b[K${share === 1 ? '\n' : ''}`);
    } else if (Math.floor(percent / STEP_PERCENT) > this.shown) {
      this.shown = Math.floor(percent / STEP_PERCENT);
      this.out.write(`${line}\n`);
    }
  }

  /** Says something that is not to be overwritten. */
  interrupt(message: string): void {
    this.out.write(this.out.isTTY ? `\r${message}\x1b[K\n` : `${message}\n`);
  }
}
