import { CborReader, Major, mapEntry, skipTupleTag } from '../cbor/index.js';
import { BadPriorityError, InvalidValueError, WorkUnitNotListError, WorkUnitTooShortError } from './errors.js';
import type { ByteName } from './names.js';
import { checkByteName } from './names.js';
import { SECOND } from './time.js';
import type { EncodedData, NewWorkUnit } from './work-unit.js';
import { EMPTY_DATA } from './work-unit.js';

/**
 * The units that the `output` of finished data describes: a dictionary of names and data, or a list (or tuple) of items
 * as readUnitItem takes them. Items that can't be read are left out. The data share the memory of `data`.
 */
export function outputUnits(data: EncodedData): NewWorkUnit[] {
  const encoded = mapEntry(data, 'output');
  if (!encoded) return [];
  const output = new CborReader(encoded);
  const units: NewWorkUnit[] = [];
  const keep = (read: () => NewWorkUnit): void => {
    try {
      units.push(read());
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
  };
  if (output.peekMajor() === Major.Map) {
    for (let left = output.enterMap(); output.hasMore(left); left--) {
      const name = new CborReader(output.readRaw());
      const value = new CborReader(output.readRaw());
      keep(() => ({ name: readName(name), data: readData(value), priority: 0 }));
    }
  } else if (takeList(output)) {
    for (let left = output.enterArray(); output.hasMore(left); left--) {
      const item = new CborReader(output.readRaw());
      keep(() => readUnitItem(item));
    }
  }
  return units;
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
