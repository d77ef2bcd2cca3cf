import { UsageError } from '../errors.js';
import type { Line } from './lines.js';
import { textOf } from './lines.js';

/** The records of CSV as RFC 4180 has it: fields between quotes may hold commas, quotes and breaks of lines. */
export async function* recordsOf(lines: AsyncIterable<Line[]>): AsyncGenerator<{ number: number; fields: string[] }> {
  let begun: { number: number; text: string } | undefined;
  for await (const some of lines) {
    for (const line of some) {
      const text = textOf(line);
      if (!begun && text === '') continue;
      begun = begun ? { ...begun, text: `${begun.text}\n${text}` } : { number: line.number, text };
      if (isOpen(begun.text)) continue;
      yield { number: begun.number, fields: fieldsOf(begun.text, begun.number) };
      begun = undefined;
    }
  }
  if (begun) throw new UsageError(`line ${begun.number}: the quotes that begin there do not end`);
}

/** Whether it ends between quotes, so that the next line belongs to it. */
function isOpen(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 1;
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

function fieldsOf(text: string, number: number): string[] {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const found = FIELD.exec(text);
    if (!found) throw new UsageError(`line ${number}: field ${fields.length + 1} has a quote in it, but not around it`);
    const [, quoted, plain, end] = found;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return fields;
  }
}
