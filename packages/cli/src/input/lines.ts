import { isUtf8 } from 'node:buffer';
import { UsageError } from '../errors.js';

/** A line without its end, and its number from 1 on. */
export interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

const NEWLINE = 10;
const RETURN = 13;

/** The lines of a stream, some at a time. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  let parts: Buffer[] = [];
  let number = 0;
  for await (const chunk of stream) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      parts = [];
      lines.push({ number: ++number, bytes: bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes });
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (parts.length > 0) yield [{ number: number + 1, bytes: Buffer.concat(parts) }];
}

/** @throws UsageError where it is no text */
export function textOf({ number, bytes }: Line): string {
  if (!isUtf8(bytes)) throw new UsageError(`line ${number} is not UTF-8`);
  const text = bytes.toString();
  return number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
}
