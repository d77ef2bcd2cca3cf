import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isUtf8 } from 'node:buffer';
import type { UnitToAdd } from 'coordinate-client';
import { messageOf, UsageError } from '../errors.js';
import { recordsOf } from './csv.js';
import { exactJson } from './exact-json.js';
import type { Line } from './lines.js';
import { linesOf, textOf } from './lines.js';
import { fromFields, unitsIn } from './unit.js';
import { yamlItems } from './yaml-items.js';

export const FORMATS = ['jsonl', 'yaml', 'csv', 'names'] as const;
export type Format = (typeof FORMATS)[number];

const BY_ENDING: Readonly<Record<string, Format>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  yaml: 'yaml',
  yml: 'yaml',
  csv: 'csv',
  txt: 'names',
};

/** Units in a file, of which nothing but a few is held at a time. */
export interface UnitFile {
  readonly units: AsyncIterable<UnitToAdd>;
  /** Bytes of the file; absent for what is no file. */
  readonly size: number | undefined;
  /** How many of them have been read. */
  readonly read: () => number;
}

/** @param path `-` for the standard input; what ends in .gz is compressed @param format as its name says where absent @throws UsageError */
export function openUnits(path: string, stdin: Readable, format?: Format): UnitFile {
  let bytes = 0;
  const size = sizeOf(path);
  const counted = async function* (): AsyncGenerator<Buffer> {
    const source = path === '-' ? stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
    for await (const chunk of source as AsyncIterable<Buffer | string>) {
      bytes += chunk.length;
      yield Buffer.from(chunk as Buffer);
    }
  };
  const isCompressed = path.endsWith('.gz');
  const chunks = isCompressed ? unpacked(counted()) : counted();
  const ending = path.replace(/\.gz$/, '').split('.').at(-1)!.toLowerCase();
  const units = READERS[format ?? BY_ENDING[ending] ?? 'jsonl'](linesOf(chunks));
  return { units: named(units, path), size, read: () => bytes };
}

function unpacked(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const unpack = createGunzip();
  void (async () => {
    try {
      for await (const chunk of packed) {
        if (!unpack.write(chunk)) await new Promise((resolve) => unpack.once('drain', resolve));
      }
      unpack.end();
    } catch (error) {
      unpack.destroy(error as Error);
    }
  })();
  return unpack;
}

function sizeOf(path: string): number | undefined {
  if (path === '-') return undefined;
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat.size : undefined;
  } catch (error) {
    throw new UsageError(`the units cannot be read: ${messageOf(error)}`);
  }
}

/** What is wrong says in which file. */
async function* named(units: AsyncIterable<UnitToAdd>, path: string): AsyncGenerator<UnitToAdd> {
  try {
    yield* units;
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`);
  }
}

const READERS: Readonly<Record<Format, (lines: AsyncIterable<Line[]>) => AsyncIterable<UnitToAdd>>> = {
  async *jsonl(lines) {
    for await (const some of lines) {
      for (const line of some) {
        const text = textOf(line).trim();
        if (text === '' || text.startsWith('#')) continue;
        yield* unitsIn(jsonOf(text, line.number), line.number);
      }
    }
  },
  async *yaml(lines) {
    for await (const { number, value } of yamlItems(lines)) yield* unitsIn(value, number);
  },
  async *csv(lines) {
    let header: string[] | undefined;
    for await (const { number, fields } of recordsOf(lines)) {
      if (header) yield fromFields(header, fields, number);
      else header = fields;
    }
  },
  async *names(lines) {
    for await (const some of lines) {
      for (const { bytes } of some) {
        if (bytes.length > 0) yield isUtf8(bytes) ? bytes.toString() : new Uint8Array(bytes);
      }
    }
  },
};

function jsonOf(text: string, number: number): unknown {
  try {
    return exactJson(text);
  } catch (error) {
    throw new UsageError(`line ${number} is not JSON: ${messageOf(error)}`);
  }
}
