import type { Io } from '../io.js';
import { cut } from '../output/safe.js';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/** A terminal that a command has for itself until q, ^C or SIGTERM. What was there before is there again afterwards. */
export class Screen {
  private lines: readonly string[] = [];
  private readonly ended = new AbortController();

  constructor(private readonly io: Io) {
    const { stdin, stdout } = io;
    stdout.write(ENTER);
    stdout.on('resize', this.draw);
    stdin.setRawMode?.(true);
    stdin.on('data', this.onKeys);
    stdin.resume();
    io.on('SIGTERM', this.end);
    io.on('SIGINT', this.end);
  }

  /** Aborts when whoever looks has seen enough. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  /** @param lines that are safe; those that there is no room for are left out */
  show(lines: readonly string[]): void {
    this.lines = lines;
    this.draw();
  }

  close(): void {
    const { stdin, stdout } = this.io;
    stdout.off('resize', this.draw);
    stdin.off('data', this.onKeys);
    stdin.setRawMode?.(false);
    stdin.pause();
    this.io.off('SIGTERM', this.end);
    this.io.off('SIGINT', this.end);
    stdout.write(LEAVE);
  }

  private readonly draw = (): void => {
    const { rows = 24, columns = 80 } = this.io.stdout;
    const shown = this.lines.slice(0, rows - 1).map((line) => `${cut(line, columns)}\x1b[K`);
    this.io.stdout.write(`\x1b[H${shown.join('\r\n')}\x1b[J`);
  };

  private readonly onKeys = (keys: Buffer | string): void => {
    if (/[qQ\x03\x04]/.test(keys.toString())) this.end(); // eslint-disable-line no-control-regex -- ^C and ^D are keys here
  };

  private readonly end = (): void => this.ended.abort();
}
