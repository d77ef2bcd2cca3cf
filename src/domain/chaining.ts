import { CborReader, ItemScanner, Major, mapEntry, skipTupleTag } from '../cbor/index.js';
import { BadPriorityError, InvalidValueError, WorkUnitNotListError, WorkUnitTooShortError } from './errors.js';
import type { ByteName } from './names.js';
import { checkByteName } from './names.js';
import { SECOND } from './time.js';
import type { EncodedData } from './data.js';
import type { NewWorkUnit } from './work-unit.js';
import { EMPTY_DATA } from './data.js';

/** Data above this may take longer to look through than one step should. */
const LONG_BYTES = 256 << 10;
/** So many bytes of long data are looked through in one step. */
const WINDOW_BYTES = 64 << 10;
/** What takes as long as one unit to read, in bytes looked through. */
const BYTES_PER_STEP = 64;

/**
 * The units that the `output` of finished data describes: a dictionary of names and data, or a list (or tuple) of items
 * as readUnitItem takes them. Items that can't be read are left out. The data share the memory of `data`.
 * @returns undefined where the data are very long, or have more items than these
 */
export function shortOutputUnits(data: EncodedData, items: number): NewWorkUnit[] | undefined {
  if (data.length > LONG_BYTES) return undefined;
  const output = Output.of(mapEntry(data, 'output'));
  return output && output.size > items ? undefined : readAll(output);
}

/** The same of data however long, in steps of so many small ones. The data must not change between them. */
export function* readingOutput(data: EncodedData): Generator<number, NewWorkUnit[]> {
  const units: NewWorkUnit[] = [];
  const output = Output.of(data.length > LONG_BYTES ? yield* findingOutput(data) : mapEntry(data, 'output'));
  while (output?.hasMore()) {
    output.readInto(units);
    yield 1;
  }
  return units;
}

function readAll(output: Output | undefined): NewWorkUnit[] {
  const units: NewWorkUnit[] = [];
  while (output?.hasMore()) output.readInto(units);
  return units;
}

/** As mapEntry finds it, in steps. */
function* findingOutput(data: EncodedData): Generator<number, Buffer | undefined> {
  const reader = new CborReader(data);
  const scanner = new ItemScanner();
  let found: Buffer | undefined;
  const skipping = function* (): Generator<number, Buffer> {
    const { buffer, offset } = reader;
    let end = -1;
    for (let seen = offset + WINDOW_BYTES; end < 0; seen += WINDOW_BYTES) {
      end = scanner.scan(buffer, offset, Math.min(seen, data.length));
      yield WINDOW_BYTES / BYTES_PER_STEP;
    }
    reader.reset(buffer, end, data.length);
    return buffer.subarray(offset, end);
  };
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    if (reader.takeKey('output')) {
      found = yield* skipping();
    } else {
      yield* skipping();
      yield* skipping();
    }
  }
  return found;
}

/** The encoded items of an output, one after another. */
class Output {
  private constructor(
    private readonly reader: CborReader,
    private readonly isMap: boolean,
    private left: number,
    /** How many there are, or as many as there can be where that is not said. */
    readonly size: number,
  ) {}

  static of(encoded: Buffer | undefined): Output | undefined {
    if (!encoded) return undefined;
    const reader = new CborReader(encoded);
    const isMap = reader.peekMajor() === Major.Map;
    if (!isMap && !takeList(reader)) return undefined;
    const left = isMap ? reader.enterMap() : reader.enterArray();
    return new Output(reader, isMap, left, left >= 0 ? left : encoded.length);
  }

  hasMore(): boolean {
    return this.reader.hasMore(this.left);
  }

  /** Adds the next item to units, unless it can't be read. */
  readInto(units: NewWorkUnit[]): void {
    const { reader } = this;
    this.left--;
    const item = new CborReader(reader.readRaw());
    const value = this.isMap ? new CborReader(reader.readRaw()) : undefined;
    try {
      units.push(value ? { name: readName(item), data: readData(value), priority: 0 } : readUnitItem(item));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
  }
}

/**
 * Reads a unit to add: a name, or a list (or tuple) `[name, data]`, `[name, data, meta]`, `[name, data, meta, priority]`
 * with `meta = {priority, delay}`, the delay in seconds. Null data are empty; a priority of its own beats the one in meta.
 *
 * @throws InvalidValueError, BadPriorityError, WorkUnitNotListError, WorkUnitTooShortError
 */
export function readUnitItem(reader: CborReader): NewWorkUnit {
  if (isString(reader)) return { name: readName(reader), data: EMPTY_DATA, priority: 0 };
  if (!takeList(reader)) throw new WorkUnitNotListError();
  const unit: NewWorkUnit = { name: '', data: EMPTY_DATA, priority: 0 };
  let read = 0;
  for (let left = reader.enterArray(); reader.hasMore(left); left--) {
    if (read === 0) unit.name = readName(reader);
    else if (read === 1) unit.data = readData(reader);
    else if (read === 2) readMeta(reader, unit);
    else if (read === 3) unit.priority = readPriority(reader) ?? unit.priority;
    else throw new InvalidValueError('work unit', 'has more than four parts');
    read++;
  }
  if (read < 2) throw new WorkUnitTooShortError();
  return unit;
}

function readName(reader: CborReader): ByteName {
  if (!isString(reader)) throw new InvalidValueError('key', `must be a string, not ${reader.peekTypeName()}`);
  return checkByteName('key', reader.readStringBytes());
}

function readData(reader: CborReader): EncodedData {
  if (reader.takeNull()) return EMPTY_DATA;
  if (reader.peekMajor() !== Major.Map) {
    throw new InvalidValueError('data', `must be a dictionary, not ${reader.peekTypeName()}`);
  }
  return reader.readRaw();
}

function readMeta(reader: CborReader, unit: NewWorkUnit): void {
  if (reader.takeNull()) return;
  if (reader.peekMajor() !== Major.Map) {
    throw new InvalidValueError('meta', `must be a dictionary, not ${reader.peekTypeName()}`);
  }
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    if (reader.takeKey('priority')) unit.priority = readPriority(reader) ?? 0;
    else if (reader.takeKey('delay')) {
      const seconds = readFinite(reader, () => new InvalidValueError('delay', 'must be a number'));
      unit.delay = seconds === undefined ? undefined : Math.round(seconds * SECOND);
    } else {
      reader.skip();
      reader.skip();
    }
  }
}

function readPriority(reader: CborReader): number | undefined {
  return readFinite(reader, () => new BadPriorityError());
}

/** A finite number, or undefined for null. */
function readFinite(reader: CborReader, error: () => Error): number | undefined {
  if (reader.takeNull()) return undefined;
  const first = reader.peek();
  const isNumber = first >> 5 <= Major.Negative || (first >= 0xf9 && first <= 0xfb);
  const number = isNumber ? reader.readNumber() : NaN;
  if (!Number.isFinite(number)) throw error();
  return number;
}

function isString(reader: CborReader): boolean {
  const major = reader.peekMajor();
  return major === Major.Bytes || major === Major.Text;
}

/** Whether a list comes next; moves to the list inside a tuple. */
function takeList(reader: CborReader): boolean {
  skipTupleTag(reader);
  return reader.peekMajor() === Major.Array;
}

function isUnreadable(error: unknown): boolean {
  return (
    error instanceof InvalidValueError ||
    error instanceof BadPriorityError ||
    error instanceof WorkUnitNotListError ||
    error instanceof WorkUnitTooShortError
  );
}
