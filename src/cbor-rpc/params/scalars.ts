import { type CborReader, Major } from '../../cbor/index.js';
import { ParamError } from './param-error.js';
import { isString, mustBe, type ParamReader } from './param-reader.js';

/** A string of Unicode: text, or a byte string that is UTF-8. */
export const text: ParamReader<string> = {
  type: 'text',
  read(reader) {
    if (!isString(reader)) throw mustBe('a string', reader);
    return reader.readString();
  },
};

/** A string of bytes, as a binary string: a byte string, or the UTF-8 form of a text. */
export const byteName: ParamReader<string> = {
  type: 'name',
  read(reader) {
    if (!isString(reader)) throw mustBe('a string', reader);
    return reader.readStringBytes();
  },
};

function readNumber(expected: string, reader: CborReader): number {
  const first = reader.peek();
  const isNumber = first >> 5 <= Major.Negative || (first >= 0xf9 && first <= 0xfb);
  if (!isNumber) throw mustBe(expected, reader);
  return reader.readNumber();
}

/** An integer or a float, infinities included; not NaN. */
export const number: ParamReader<number> = {
  type: 'number',
  read(reader) {
    const value = readNumber('a number', reader);
    if (Number.isNaN(value)) throw new ParamError('must be a number, not NaN');
    return value;
  },
};

/** An integer, or a float without a fraction. Beyond 2^53 it is the nearest number that there is. */
export const integer: ParamReader<number> = {
  type: 'integer',
  read(reader) {
    const value = readNumber('an integer', reader);
    if (!Number.isInteger(value)) throw new ParamError(`must be an integer, not ${value}`);
    return value;
  },
};

/** A boolean, or a number as whether it is not 0. */
export const flag: ParamReader<boolean> = {
  type: 'boolean',
  read(reader) {
    if (reader.peekTypeName() === 'a boolean') return reader.readBoolean();
    return readNumber('a boolean', reader) !== 0;
  },
};

/**
 * A data dictionary, as its encoded bytes. They are a view of the message: nothing ever overwrites them, but they keep
 * the whole message in memory, so that whoever stores them for long makes a copy.
 */
export const dictionary: ParamReader<Buffer> = {
  type: 'map',
  read(reader) {
    if (reader.peekMajor() !== Major.Map) throw mustBe('a map', reader);
    return reader.readRaw();
  },
};
