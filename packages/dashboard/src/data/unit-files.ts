import type { Data, NewWorkUnit, UnitToAdd } from 'coordinate-client';
import { RawCbor } from 'coordinate-client';

export const FORMATS = ['names', 'jsonl', 'csv'] as const;
/** How units are written: a name per line, JSON per line, or a table whose column `name`, or else its first, has the names. */
export type Format = (typeof FORMATS)[number];

const BY_ENDING: Readonly<Record<string, Format>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  csv: 'csv',
  txt: 'names',
};

/** How a file is written, by its name or else its first line. */
export function formatOf(name: string | undefined, begin: string): Format {
  const byName = name === undefined ? undefined : BY_ENDING[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
  return byName ?? (/^\s*[[{"]/.test(begin) ? 'jsonl' : 'names');
}

/** The units of a text that comes bit by bit, of which a line is held at a time. @throws Error naming the line */
export function unitsIn(chunks: AsyncIterable<string>, format: Format): AsyncGenerator<UnitToAdd> {
  return READERS[format](linesOf(chunks));
}

/** A file, or what is like one, as text, bit by bit. @param onRead hears how many bytes of it have been read @throws TypeError where it is not UTF-8 */
export async function* textOf(file: Blob, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = file.stream().getReader();
  let read = 0;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      read += value!.length;
      onRead(read);
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    reader.releaseLock();
  }
}

interface Line {
  readonly number: number;
  readonly text: string;
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<Line> {
  let begun = '';
  let number = 0;
  for await (const chunk of chunks) {
    const lines = (begun + chunk).split('\n');
    begun = lines.pop()!;
    for (const text of lines) yield { number: ++number, text: text.replace(/\r$/, '') };
  }
  if (begun !== '') yield { number: number + 1, text: begun };
}

const READERS: Readonly<Record<Format, (lines: AsyncIterable<Line>) => AsyncGenerator<UnitToAdd>>> = {
  async *names(lines) {
    for await (const { text } of lines) if (text !== '') yield text;
  },
  async *jsonl(lines) {
    for await (const { number, text } of lines) {
      if (text.trim() !== '') yield* unitsOf(jsonOf(text, number), number);
    }
  },
  async *csv(lines) {
    let header: readonly string[] | undefined;
    for await (const { number, fields } of recordsOf(lines)) {
      if (header) yield ofFields(header, fields, number);
      else header = fields;
    }
  },
};

/** JSON with integers of any size exactly, and floats as floats even if they are whole, where the browser tells how a number is written. */
function jsonOf(text: string, number: number): unknown {
  const revive = (_: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined) return value;
    if (/[.eE]/.test(source)) return Number.isInteger(value) ? floatOf(value) : value;
    return Number.isSafeInteger(value) ? value : BigInt(source);
  };
  try {
    return JSON.parse(text, revive) as unknown;
  } catch (error) {
    throw new Error(`line ${number} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A whole number that stays a float: its bytes. */
function floatOf(value: number): RawCbor {
  const bytes = new DataView(new ArrayBuffer(9));
  bytes.setUint8(0, 0xfb);
  bytes.setFloat64(1, value);
  return new RawCbor(new Uint8Array(bytes.buffer));
}

const KEYS = ['name', 'data', 'priority', 'not_before', 'delay', 'meta', 'status'];

/** The units of a line: a name, a unit, a list of such, or a map of names and data. */
function* unitsOf(value: unknown, number: number): Generator<UnitToAdd> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const one of value) yield* unitsOf(one, number);
  else if (!isMap(value)) throw new Error(`line ${number} is neither a unit nor a map of names and data`);
  else if (typeof value.name === 'string') yield unitOf({ ...value, name: value.name }, number);
  else for (const [name, data] of Object.entries(value)) yield { name, data: dataOf(data, number) };
}

function unitOf(item: Readonly<Record<string, unknown>> & { readonly name: string }, number: number): NewWorkUnit {
  const unknown = Object.keys(item).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    throw new Error(`line ${number}: a unit has no ${unknown}; what it is to be done with goes into data`);
  const { name, data, delay } = item;
  const { priority, not_before: notBefore } = isMap(item.meta) ? item.meta : item;
  return {
    name,
    data: dataOf(data, number),
    ...(priority !== undefined && priority !== null && { priority: numberOf(priority, number) }),
    ...(typeof notBefore === 'string' && { notBefore: dateOf(notBefore, number) }),
    ...((typeof delay === 'string' || typeof delay === 'number') && { delay }),
  };
}

function ofFields(header: readonly string[], fields: readonly string[], number: number): NewWorkUnit {
  if (fields.length !== header.length)
    throw new Error(`line ${number} has ${fields.length} fields, the first line ${header.length}`);
  const at = Math.max(0, header.indexOf('name'));
  const data = Object.fromEntries(header.map((column, i) => [column, fields[i]] as const).filter((_, i) => i !== at));
  return { name: fields[at], data };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawCbor);
}

function dataOf(value: unknown, number: number): Data {
  if (value === undefined || value === null) return {};
  if (isMap(value)) return value;
  throw new Error(`line ${number}: data are a map`);
}

function numberOf(value: unknown, number: number): number {
  const read = value instanceof RawCbor ? new DataView(value.bytes.buffer).getFloat64(1) : Number(value);
  if (Number.isFinite(read)) return read;
  throw new Error(`line ${number}: the priority is no number`);
}

function dateOf(text: string, number: number): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Error(`line ${number}: not_before is no time: ${text.slice(0, 60)}`);
  return date;
}

/** The records of CSV as RFC 4180 has it: fields between quotes may hold commas, quotes and breaks of lines. */
async function* recordsOf(lines: AsyncIterable<Line>): AsyncGenerator<{ number: number; fields: string[] }> {
  let begun: Line | undefined;
  for await (const { number, text } of lines) {
    if (begun === undefined && text === '') continue;
    const record: Line =
      begun === undefined ? { number, text } : { number: begun.number, text: `${begun.text}\n${text}` };
    begun = (record.text.split('"').length - 1) % 2 === 1 ? record : undefined;
    if (begun === undefined) yield { number: record.number, fields: fieldsOf(record) };
  }
  if (begun !== undefined) throw new Error(`line ${begun.number}: the quotes that begin there do not end`);
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

function fieldsOf({ number, text }: Line): string[] {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const found = FIELD.exec(text);
    if (!found) throw new Error(`line ${number}: field ${fields.length + 1} has a quote in it, but not around it`);
    const [, quoted, plain, end] = found as unknown as [string, string | undefined, string, string];
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return fields;
  }
}
