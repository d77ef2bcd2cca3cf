import type { TerminalOutput } from '../io.js';

const BAR = 20;
const MS = 100;

/** A line about how far something is, on a terminal; on anything else nothing is written. */
export class Progress {
  private last = 0;
  private readonly begun = Date.now();
  private isShown = false;

  constructor(
    private readonly stream: TerminalOutput,
    /** What is counted: `units`. */
    private readonly what: string,
  ) {}

  /** @param share how much of all that is, from 0 to 1, as far as it is known */
  at(count: number, share?: number): void {
    const now = Date.now();
    if (!this.stream.isTTY || now - this.last < MS) return;
    this.last = now;
    this.show(count, share);
  }

  /** Takes the line away. */
  done(): void {
    if (this.isShown) this.stream.write('\r\x1b[K');
  }

  private show(count: number, share: number | undefined): void {
    const perSecond = Math.round(count / Math.max(0.001, (Date.now() - this.begun) / 1000));
    const filled = share === undefined ? 0 : Math.round(BAR * Math.min(1, share));
    const bar =
      share === undefined ? '' : `[${'#'.repeat(filled).padEnd(BAR, '.')}] ${Math.floor(100 * Math.min(1, share))}%  `;
    this.stream.write(`\r${bar}${number(count)} ${this.what}, ${number(perSecond)}/s\x1b[K`);
    this.isShown = true;
  }
}

export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 unit`, `2,000 units`. */
export function counted(count: number, one: string): string {
  return `${number(count)} ${one}${count === 1 ? '' : 's'}`;
}
