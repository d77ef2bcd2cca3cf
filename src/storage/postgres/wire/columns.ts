import { offsetOf, pageOf } from './place.js';

/**
 * Columns of values for `unnest`, written in PostgreSQL's binary form of an array. A parameter that is a Buffer goes over
 * the wire as it is, so that neither side writes or reads digits, hexadecimals or escapes.
 */

const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const TID = 27;
const FLOAT8 = 701;

const HEAD = 20;

/** Whole numbers between −2^53 and 2^53. */
export function int8Column(values: readonly (number | null)[]): Buffer {
  const column = start(INT8, values.length, values.length * 12, values.includes(null));
  let at = HEAD;
  for (const value of values) {
    if (value === null) {
      at = column.writeInt32BE(-1, at);
      continue;
    }
    at = column.writeInt32BE(8, at);
    const high = Math.floor(value / 4294967296);
    at = column.writeInt32BE(high, at);
    at = column.writeUInt32BE(value - high * 4294967296, at);
  }
  return values.length === 0 ? column : column.subarray(0, at);
}

/** Places of rows, each as one number of `placeAt`. */
export function tidColumn(places: readonly (number | undefined)[]): Buffer {
  const column = start(TID, places.length, places.length * 10, places.includes(undefined));
  let at = HEAD;
  for (const place of places) {
    if (place === undefined) {
      at = column.writeInt32BE(-1, at);
      continue;
    }
    at = column.writeInt32BE(6, at);
    at = column.writeUInt32BE(pageOf(place), at);
    at = column.writeUInt16BE(offsetOf(place), at);
  }
  return places.length === 0 ? column : column.subarray(0, at);
}

export function float8Column(values: readonly number[]): Buffer {
  const column = start(FLOAT8, values.length, values.length * 12, false);
  let at = HEAD;
  for (const value of values) {
    at = column.writeInt32BE(8, at);
    at = column.writeDoubleBE(value, at);
  }
  return column;
}

export function boolColumn(values: readonly boolean[]): Buffer {
  const column = start(BOOL, values.length, values.length * 5, false);
  let at = HEAD;
  for (const value of values) {
    at = column.writeInt32BE(1, at);
    column[at++] = value ? 1 : 0;
  }
  return column;
}

/** Bytes, or binary strings of one char per byte. */
export function byteaColumn(values: readonly (Uint8Array | string | null)[]): Buffer {
  let size = 0;
  let nulls = false;
  for (const value of values) {
    size += 4;
    if (value === null) nulls = true;
    else size += value.length;
  }
  const column = start(BYTEA, values.length, size, nulls);
  let at = HEAD;
  for (const value of values) {
    if (value === null) {
      at = column.writeInt32BE(-1, at);
      continue;
    }
    at = column.writeInt32BE(value.length, at);
    if (typeof value === 'string') column.latin1Write(value, at);
    else column.set(value, at);
    at += value.length;
  }
  return column;
}

const HEAD_OF_EMPTY = 12;

function start(type: number, count: number, size: number, nulls: boolean): Buffer {
  const column = Buffer.allocUnsafe(count === 0 ? HEAD_OF_EMPTY : HEAD + size);
  column.writeInt32BE(count === 0 ? 0 : 1, 0);
  column.writeInt32BE(nulls ? 1 : 0, 4);
  column.writeInt32BE(type, 8);
  if (count > 0) {
    column.writeInt32BE(count, 12);
    column.writeInt32BE(1, 16);
  }
  return column;
}
