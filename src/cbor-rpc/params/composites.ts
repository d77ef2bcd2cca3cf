import { CborReader, Major, skipTupleTag } from '../../cbor/index.js';
import { type Fields, FieldTable, type ValuesOf } from './field-table.js';
import { ParamError } from './param-error.js';
import { isString, mustBe, type ParamReader, readAt } from './param-reader.js';

/** Whether the value at the cursor is a list or a tuple; moves to the list inside the tuple. */
function atList(reader: CborReader): boolean {
  skipTupleTag(reader);
  return reader.peekMajor() === Major.Array;
}

/** A list or a tuple of any length. */
export function list<T>(item: ParamReader<T>): ParamReader<T[]> {
  return {
    read(reader) {
      if (!atList(reader)) throw mustBe('a list', reader);
      const items: T[] = [];
      for (let left = reader.enterArray(); reader.hasMore(left); left--) items.push(readAt(items.length, item, reader));
      return items;
    },
  };
}

/** A map of options, each of which may be missing or null, and the map too; others than those named are passed over. */
export function options<F extends Fields>(fields: F): ParamReader<ValuesOf<F>> {
  const table = new FieldTable(fields);
  return {
    read(reader) {
      if (reader.peekMajor() !== Major.Map) throw mustBe('a map', reader);
      return table.readMap(reader, skip);
    },
    absent: { value: table.absent },
  };
}

/** The parameters of a method: a list (or tuple) in the order of the fields, or a map of named ones. */
export function params<F extends Fields>(fields: F): ParamReader<ValuesOf<F>> {
  const table = new FieldTable(fields);
  return {
    read(reader) {
      if (atList(reader)) return table.readList(reader);
      if (reader.peekMajor() !== Major.Map) throw mustBe('a list or a map', reader).within('params');
      return table.readMap(reader, refuse);
    },
  };
}

function skip(reader: CborReader): void {
  reader.skip();
}

function refuse(reader: CborReader, keyStart: number): void {
  const key = new CborReader(reader.buffer, keyStart);
  const name = isString(key) ? JSON.stringify(key.readStringBytes()) : `that is ${key.peekTypeName()}`;
  throw new ParamError(`has no parameter ${name}`);
}
