import { once } from 'node:events';
import { OutputClosed } from '../errors.js';
import type { TerminalOutput } from '../io.js';
import { jsonText } from './json.js';
import { safe } from './safe.js';
import type { Column } from './table.js';
import { fieldLines, TableWriter } from './table.js';
import { yamlText } from './yaml.js';

export const FORMS = ['table', 'json', 'jsonl', 'yaml'] as const;
export type Form = (typeof FORMS)[number];

/** The widths of a table's columns are those of so many first rows; the rest is not waited for. */
const FIRST_ROWS = 200;
/** So many characters are gathered before they are written. */
const CHUNK = 16_384;

/** What a command has to say, in the form that was asked for. Nothing of a long list is kept. */
export class Output {
  private gathered = '';
  private failed: Error | undefined;
  /** Resolves when what was written last has arrived, or never will. */
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly stream: TerminalOutput,
    readonly form: Form,
    private readonly isColored = false,
  ) {
    stream.on('error', this.onError);
  }

  /** Resolves when all is written: a full disk, or a reader that is gone, fails what was written last only then. @throws OutputClosed */
  async done(): Promise<void> {
    await this.flush();
    await this.written;
    this.throwIfFailed();
  }

  /** A list, whose rows may be any number. */
  async rows<T extends object>(columns: readonly Column<T>[], rows: Iterable<T> | AsyncIterable<T>): Promise<void> {
    if (this.form === 'table') return this.table(columns, rows);
    let count = 0;
    for await (const row of rows) {
      if (this.form === 'jsonl') await this.write(`${jsonText(row)}\n`);
      else if (this.form === 'yaml') await this.write(yamlText([row]));
      else await this.write(`${count === 0 ? '[\n' : ',\n'}${jsonText(row)}`);
      count++;
    }
    if (this.form === 'json') await this.write(count === 0 ? '[]\n' : '\n]\n');
    else if (this.form === 'yaml' && count === 0) await this.write('[]\n');
  }

  /** One thing. */
  async record(record: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.form === 'table') for (const line of fieldLines(record)) await this.line(line);
    else
      await this.write(this.form === 'yaml' ? yamlText(record) : `${jsonText(record, this.form === 'json' ? 2 : 0)}\n`);
  }

  /** Names alone, each on a line. */
  async names(names: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
    for await (const name of names) await this.line(typeof name === 'string' ? safe(name) : jsonText(name));
  }

  /** What was done: a line for people, or the record for programs. */
  async told(text: string, record: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.form === 'table') await this.line(safe(text));
    else await this.record(record);
  }

  /** A line that is safe. */
  async line(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  async flush(): Promise<void> {
    const text = this.gathered;
    this.gathered = '';
    this.throwIfFailed();
    if (text === '' || this.wrote(text)) return;
    // 'close' is not told to whoever asks after it.
    if (this.stream.destroyed) throw new OutputClosed();
    // An error that ends the waiting is known by then, as what it means.
    await Promise.race([once(this.stream, 'drain'), once(this.stream, 'close')]).catch(this.onError);
    this.throwIfFailed();
  }

  /** @returns whether there is room for more */
  private wrote(text: string): boolean {
    let hasRoom = false;
    this.written = new Promise((resolve) => {
      hasRoom = this.stream.write(text, (error) => {
        if (error) this.onError(error);
        resolve();
      });
    });
    return hasRoom;
  }

  private throwIfFailed(): void {
    if (this.failed) throw this.failed;
  }

  private async table<T extends object>(
    columns: readonly Column<T>[],
    rows: Iterable<T> | AsyncIterable<T>,
  ): Promise<void> {
    const writer = new TableWriter(columns);
    let first: T[] | undefined = [];
    const begin = async (): Promise<void> => {
      const [title, ...lines] = writer.begin(first!);
      first = undefined;
      await this.line(this.isColored ? `\x1b[1m${title}\x1b[0m` : title);
      for (const line of lines) await this.line(line);
    };
    for await (const row of rows) {
      if (!first) await this.line(writer.row(row));
      else if (first.push(row) === FIRST_ROWS) await begin();
    }
    if (first) await begin();
  }

  private async write(text: string): Promise<void> {
    this.gathered += text;
    if (this.gathered.length >= CHUNK) await this.flush();
  }

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    const isClosed = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
    this.failed ??= isClosed ? new OutputClosed() : error;
  };
}
