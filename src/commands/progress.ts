/** Between two looks of the bar. */
const PERIOD_MS = 100;
const WIDTH = 30;

/** A bar on a terminal that shows how far something is; nothing where nobody looks. */
export class ProgressBar {
  private readonly since = performance.now();
  private shownAt = 0;

  constructor(
    private readonly what: string,
    private readonly terminal: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
  ) {}

  /** @param unit - what is counted */
  show(done: number, total: number, unit: string): void {
    const now = performance.now();
    if (!this.terminal.isTTY || now - this.shownAt < PERIOD_MS) return;
    this.shownAt = now;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.');
    const rate = Math.round(done / Math.max(0.001, (now - this.since) / 1000));
    const numbers = `${format(done)} of ${format(total)} ${unit}, ${format(rate)}/s`;
    this.terminal.write(`\r\x1b[K${this.what} [${bar}] ${Math.floor(share * 100)}% ${numbers}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.terminal.isTTY && this.shownAt > 0) this.terminal.write('\r\x1b[K');
  }
}

export function format(count: number): string {
  return count.toLocaleString('en-US');
}
