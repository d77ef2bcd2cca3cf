import { CborReader, Major, skipTupleTag } from '../../cbor/index.js';
import { type Fields, FieldTable, type ValuesOf } from './field-table.js';
import { shown } from '../shown.js';
import { ParamError } from './param-error.js';
import { isString, mustBe, type ParamReader, readAt } from './param-reader.js';

/** Whether the value at the cursor is a list or a tuple; moves to the list inside the tuple. */
function atList(reader: CborReader): boolean {
  skipTupleTag(reader);
  return reader.peekMajor() === Major.Array;
}

/** Most items of a list that is kept as such: each takes much more memory than in its message. */
const MAX_ITEMS = 1_000_000;

/** A list or a tuple of as many items as there can be, if not so many that they would fill the memory. */
export function list<T>(item: ParamReader<T>): ParamReader<T[]> {
  return limitedList(item, MAX_ITEMS);
}

/** A list or a tuple of so many items at most. */
export function limitedList<T>(item: ParamReader<T>, most: number): ParamReader<T[]> {
  return {
    type: listOf(item),
    read(reader) {
      if (!atList(reader)) throw mustBe('a list', reader);
      const items: T[] = [];
      for (let left = enterLimited(reader, most); reader.hasMore(left); left--) {
        if (items.length === most) throw tooMany(most);
        items.push(readAt(items.length, item, reader));
      }
      return items;
    },
    async readInSlices(reader, slices) {
      if (!atList(reader)) throw mustBe('a list', reader);
      const items: T[] = [];
      for (let left = enterLimited(reader, most); reader.hasMore(left); left--) {
        if (items.length === most) throw tooMany(most);
        items.push(readAt(items.length, item, reader));
        if (slices.isOver()) await slices.next();
      }
      return items;
    },
  };
}

function listOf({ type }: ParamReader<unknown>): string {
  return `[${type}, …]`;
}

function enterLimited(reader: CborReader, most: number): number {
  const count = reader.enterArray();
  if (count > most) throw tooMany(most);
  return count;
}

function tooMany(most: number): ParamError {
  return new ParamError(`has more than ${most} items`);
}

/** Items that can be gone through as often as need be. */
export type LongList<T> = Iterable<T> & { readonly length: number; readonly encodedBytes?: number };

/**
 * A list or a tuple of any length. A long one is checked and then left as it came: its items are read anew whenever
 * somebody goes through them, since they would take many times the memory of their message.
 */
export function longList<T>(item: ParamReader<T>): ParamReader<LongList<T>> {
  const short = list(item);
  return {
    type: listOf(item),
    read: (reader) => short.read(reader),
    async readInSlices(reader, slices) {
      if (!atList(reader)) throw mustBe('a list', reader);
      const start = reader.fork();
      let length = 0;
      for (let left = reader.enterArray(); reader.hasMore(left); left--) {
        readAt(length++, item, reader);
        if (slices.isOver()) await slices.next();
      }
      return new EncodedList(item, start, length, reader.offset - start.offset);
    },
  };
}

class EncodedList<T> implements LongList<T> {
  constructor(
    private readonly item: ParamReader<T>,
    /** At the list. */
    private readonly start: CborReader,
    readonly length: number,
    readonly encodedBytes: number,
  ) {}

  *[Symbol.iterator](): Generator<T> {
    const reader = this.start.fork();
    for (let left = reader.enterArray(); reader.hasMore(left); left--) yield this.item.read(reader);
  }
}

/** A map of options, each of which may be missing or null, and the map too; others than those named are passed over. */
export function options<F extends Fields>(fields: F): ParamReader<ValuesOf<F>> {
  const table = new FieldTable(fields);
  return {
    type: 'map of options',
    fields,
    read(reader) {
      if (reader.peekMajor() !== Major.Map) throw mustBe('a map', reader);
      return table.readMap(reader, skip);
    },
    async readInSlices(reader, slices) {
      if (reader.peekMajor() !== Major.Map) throw mustBe('a map', reader);
      return table.readMapInSlices(reader, slices, skip);
    },
    absent: { value: table.absent },
  };
}

/** The parameters of a method: a list (or tuple) in the order of the fields, or a map of named ones. */
export function params<F extends Fields>(fields: F): ParamReader<ValuesOf<F>> {
  const table = new FieldTable(fields);
  return {
    type: 'parameters',
    fields,
    read(reader) {
      if (atList(reader)) return table.readList(reader);
      if (reader.peekMajor() !== Major.Map) throw mustBe('a list or a map', reader).within('params');
      return table.readMap(reader, refuse);
    },
    async readInSlices(reader, slices) {
      if (atList(reader)) return table.readListInSlices(reader, slices);
      if (reader.peekMajor() !== Major.Map) throw mustBe('a list or a map', reader).within('params');
      return table.readMapInSlices(reader, slices, refuse);
    },
  };
}

function skip(reader: CborReader): void {
  reader.skip();
}

function refuse(reader: CborReader, keyStart: number): void {
  const key = new CborReader(reader.buffer, keyStart);
  const name = isString(key) ? JSON.stringify(shown(key.readStringBytes())) : `that is ${key.peekTypeName()}`;
  throw new ParamError(`has no parameter ${name}`);
}
