import { Float } from '../../cbor/index.js';
import type { ByteName } from '../../domain/names.js';
import { byteNameOfText, MAX_NAME_BYTES } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { MAX_INTERVAL_NS } from '../../domain/work-spec.js';
import type { EncodedData } from '../../domain/data.js';
import { dataInSteps, readData } from '../json/data.js';
import type { JsonReader } from '../json/json-reader.js';
import { ownText } from '../own-text.js';
import { decodePathPart, MAX_PATH_PART, PATH_PART_PATTERN, tooLong } from '../names.js';
import type { Schema } from '../openapi/schema.js';
import { microsOfNanos, parseTime } from '../time.js';
import type { Field } from './body.js';
import { stepsOf } from './body.js';
import { DATA_SCHEMA } from './data-schema.js';

/** Readers of the values that bodies are made of. */

/** A value of one JSON type, of which `convert` makes what the field means or says why it does not. */
function scalar<T>(
  schema: Schema,
  starts: string,
  wanted: string,
  convert: (reader: JsonReader, refuse: (reason: string) => undefined) => T | undefined,
): Field<T> {
  return {
    schema,
    read(reader, name) {
      const start = reader.position;
      if (!starts.includes(reader.peek())) {
        return reader.refuse(name, start, `must be ${wanted}, not ${reader.peekTypeName()}`);
      }
      return convert(reader, (reason) => reader.refuse(name, start, reason));
    },
  };
}

const NUMERIC = '-0123456789';

function numberOf(value: number | bigint | Float): number {
  return value instanceof Float ? value.value : Number(value);
}

export function boolean(example?: boolean): Field<boolean> {
  return scalar({ type: 'boolean', example }, 'tf', 'true or false', (reader) => reader.readBoolean());
}

/** A finite number. */
export function number(example?: number): Field<number> {
  return scalar({ type: 'number', format: 'double', example }, NUMERIC, 'a number', (reader, refuse) => {
    const value = numberOf(reader.readNumber());
    return Number.isFinite(value) ? value : refuse('is beyond the range of a double');
  });
}

interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A whole number that a double holds exactly. */
export function integer(example?: number, limits: Limits = {}): Field<number> {
  const schema: Schema = { type: 'integer', format: 'int64', maximum: Number.MAX_SAFE_INTEGER, ...limits, example };
  return scalar(schema, NUMERIC, 'a whole number', (reader, refuse) => {
    const value = numberOf(reader.readNumber());
    if (!Number.isInteger(value)) return refuse('must be a whole number');
    if (!Number.isSafeInteger(value)) return refuse('must be at most 2^53 - 1');
    if (limits.minimum !== undefined && value < limits.minimum) return refuse(`must be at least ${limits.minimum}`);
    if (limits.maximum !== undefined && value > limits.maximum) return refuse(`must be at most ${limits.maximum}`);
    return value + 0;
  });
}

const MILLISECOND = 1_000_000;

/**
 * A span in whole nanoseconds, in microseconds inside. One above 0 and below a millisecond was meant in another unit: it
 * would let whoever asks for 60 seconds by 60 run through all units.
 */
export function nanoseconds(example?: number, limits: Limits = {}): Field<Micros> {
  const whole = integer(example, limits);
  return {
    schema: whole.schema,
    read(reader, name) {
      const start = reader.position;
      const value = whole.read(reader, name);
      if (value === undefined) return undefined;
      return value > 0 && value < MILLISECOND ? reader.refuse(name, start, TOO_SHORT) : microsOfNanos(value);
    },
  };
}

const TOO_SHORT = `is in nanoseconds (a second is 1000000000) and must be 0 or at least ${MILLISECOND}`;

/** An interval, which stays in nanoseconds and exact. */
export function interval(example?: number): Field<bigint> {
  const schema: Schema = { type: 'integer', format: 'int64', minimum: 0, example };
  return scalar(schema, NUMERIC, 'a whole number', (reader, refuse) => {
    const value = reader.readNumber();
    const number = numberOf(value);
    if (!Number.isInteger(number)) return refuse('must be a whole number');
    if (number < 0) return refuse('must be at least 0');
    const exact = typeof value === 'bigint' ? value : BigInt(number);
    return exact <= MAX_INTERVAL_NS ? exact : refuse('must be at most 2^63 - 1');
  });
}

export function time(example = '2026-01-02T03:04:05.678901Z'): Field<Micros> {
  return scalar({ type: 'string', format: 'date-time', example }, '"', 'a time', (reader, refuse) => {
    return parseTime(reader.readString()) ?? refuse('is not a time of RFC 3339');
  });
}

/** A text of valid Unicode. */
export function text(example?: string): Field<string> {
  return scalar({ type: 'string', example }, '"', 'a string', (reader, refuse) => {
    const value = ownText(reader.readString(), reader.length);
    return value.isWellFormed() ? value : refuse('is not valid Unicode');
  });
}

/** The name of a namespace or spec. */
export function textName(example?: string): Field<string> {
  const any = text(example);
  return {
    schema: { ...any.schema, maxLength: MAX_NAME_BYTES },
    read(reader, name) {
      const start = reader.position;
      const value = any.read(reader, name);
      const bytes = value === undefined ? 0 : Buffer.byteLength(value);
      return bytes <= MAX_NAME_BYTES ? value : reader.refuse(name, start, tooLong(bytes));
    },
  };
}

/** One of a few texts. */
export function choice<T extends string>(choices: readonly T[], example: T): Field<T> {
  return scalar({ type: 'string', enum: choices, example }, '"', 'a string', (reader, refuse) => {
    const value = reader.readString();
    return choices.find((one) => one === value) ?? refuse(`must be one of ${choices.join(', ')}`);
  });
}

/** A name as text; as bytes inside. */
export function name(example: string): Field<ByteName> {
  return scalar({ type: 'string', maxLength: MAX_NAME_BYTES, example }, '"', 'a string', (reader, refuse) => {
    const value = ownText(reader.readString(), reader.length);
    if (!value.isWellFormed()) return refuse('is not valid Unicode');
    const bytes = byteNameOfText(value);
    return bytes.length <= MAX_NAME_BYTES ? bytes : refuse(tooLong(bytes.length));
  });
}

/** A name in the encoding of paths, for names that are not UTF-8. */
export function encodedName(example: string): Field<ByteName> {
  const schema: Schema = { type: 'string', pattern: PATH_PART_PATTERN, maxLength: MAX_PATH_PART, example };
  return scalar(schema, '"', 'a string', (reader, refuse) => {
    const value = reader.readString();
    if (!/^[\x21-\x7e]+$/.test(value)) return refuse('is not a name in the encoding of paths');
    const bytes = decodePathPart(ownText(value, reader.length));
    if (bytes === undefined) return refuse('is not base64url after the first -');
    return bytes.length <= MAX_NAME_BYTES ? bytes : refuse(tooLong(bytes.length));
  });
}

/** A data dictionary. */
export const data: Field<EncodedData> = { schema: DATA_SCHEMA, read: readData, readInSteps: dataInSteps };

/** A list, each item read by the same field; an item of null is refused. */
export function list<T>(item: Field<T>, example?: readonly unknown[]): Field<T[]> {
  return {
    schema: { type: 'array', items: item.schema, example },
    read(reader, name) {
      const start = reader.position;
      if (reader.peek() !== '[') return reader.refuse(name, start, `must be a list, not ${reader.peekTypeName()}`);
      const values: T[] = [];
      reader.readList((index) => {
        const at = reader.position;
        const field = `${name}[${index}]`;
        const value = reader.peek() === 'n' ? reader.refuse(field, at, 'must not be null') : item.read(reader, field);
        if (value !== undefined) values.push(value);
      });
      return values;
    },
    *readInSteps(reader, name) {
      if (reader.peek() !== '[') return this.read(reader, name);
      const values: T[] = [];
      let index = 0;
      for (let more = reader.enterList(); more; more = reader.nextItem()) {
        const field = `${name}[${index++}]`;
        if (reader.peek() === 'n') reader.refuse(field, reader.position, 'must not be null');
        const value = reader.hasRefused ? undefined : yield* stepsOf(item, reader, field);
        yield* reader.afterRefusal();
        if (value !== undefined) values.push(value);
        if (reader.isOver) yield;
      }
      return values;
    },
  };
}

/** As `field`, but the empty string counts as absent: what old clients send for what they do not set. */
export function orEmptyString<T>(field: Field<T>): Field<T> {
  return {
    schema: field.schema,
    read(reader, name) {
      if (reader.peek() !== '"') return field.read(reader, name);
      const start = reader.position;
      return reader.readString() === '' ? undefined : reader.refuse(name, start, 'must be an object, not a string');
    },
    *readInSteps(reader, name) {
      return reader.peek() === '"' ? this.read(reader, name) : yield* stepsOf(field, reader, name);
    },
  };
}
