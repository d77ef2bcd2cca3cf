import { plain } from 'coordinate-client';
import { jsonText } from './json.js';
import { safe, safeLines, widthOf } from './safe.js';

/** A column of a table, and what of a row stands there. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => unknown;
  /** Whether it is of numbers, which end in one line. */
  readonly isNumber?: boolean;
}

/** A value as a cell has it: text that is safe, without quotes where it is text. */
export function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (typeof value === 'number' || typeof value === 'bigint')
    return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
  const shown = plain(value);
  if (typeof shown === 'string') return safe(shown);
  if (shown instanceof Uint8Array) return bytesOf(shown);
  return shown === true ? 'yes' : shown === false ? 'no' : jsonText(shown);
}

/** Bytes that are no text: what of them can be read, and the rest as `\xff`. */
function bytesOf(bytes: Uint8Array): string {
  return safe(Buffer.from(bytes).toString('latin1')).replace(
    /[\x80-\xff]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16)}`,
  );
}

/** Lines of a table: what is in a column stands below each other. */
export class TableWriter<T> {
  private widths: number[] = [];

  constructor(private readonly columns: readonly Column<T>[]) {}

  /** The title and the first rows, by which the columns get their widths. */
  begin(rows: readonly T[]): string[] {
    const cells = rows.map((row) => this.cells(row));
    this.widths = this.columns.map(({ title }, i) =>
      Math.max(widthOf(title), ...cells.map((row) => Math.min(60, widthOf(row[i])))),
    );
    return [this.line(this.columns.map(({ title }) => title.toUpperCase())), ...cells.map((row) => this.line(row))];
  }

  row(row: T): string {
    return this.line(this.cells(row));
  }

  private cells(row: T): string[] {
    return this.columns.map(({ value }) => cellOf(value(row)));
  }

  private line(cells: readonly string[]): string {
    const padded = cells.map((cell, i) => {
      const room = ' '.repeat(Math.max(0, this.widths[i] - widthOf(cell)));
      return this.columns[i].isNumber ? room + cell : cell + room;
    });
    return padded.join('  ').trimEnd();
  }
}

/** One thing, a field on each line; text of many lines stands below its name. */
export function fieldLines(record: Readonly<Record<string, unknown>>): string[] {
  const fields = Object.entries(record).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...fields.map(([name]) => widthOf(safe(name))));
  return fields.flatMap(([name, value]) => {
    const title = safe(name);
    const text = plain(value);
    if (typeof text === 'string' && text.trimEnd().includes('\n')) {
      return [
        `${title}:`,
        ...safeLines(text.trimEnd())
          .split('\n')
          .map((line) => `  ${line}`),
      ];
    }
    return [`${`${title}:`.padEnd(width + 1 + title.length - widthOf(title))}  ${cellOf(value)}`.trimEnd()];
  });
}
