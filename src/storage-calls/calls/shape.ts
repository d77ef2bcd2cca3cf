import { CborError, CborReader, isMap } from '../../cbor/index.js';
import type { EncodedData } from '../../domain/data.js';
import { InvalidValueError } from '../../domain/errors.js';
import { type ByteName, checkByteName, checkTextName } from '../../domain/names.js';
import type { Slices } from '../../timing/slices.js';
import { isSpeltOut, valueOf } from './values.js';
import { LAST_TIME, type Micros, ZERO_TIME } from '../../domain/time.js';

/** Looks whether a value is as it must be. */
export interface Shape<T> {
  /** @returns it, of an object what is known of it @throws InvalidValueError naming the field */
  (value: unknown, field: string): T;
  /** The same of what may be very long, in slices; absent: it is not. */
  readonly inSlices?: (value: unknown, field: string, slices: Slices) => Promise<T>;
}

/** A shape that looks at what is very long in slices. */
function sliced<T>(shape: (value: unknown, field: string) => T, inSlices: NonNullable<Shape<T>['inSlices']>): Shape<T> {
  return Object.assign((value: unknown, field: string) => shape(value, field), { inSlices });
}

/** Looks at a value as JSON says it, in slices where it may be very long. @throws InvalidValueError naming the field */
export function shapeInSlices<T>(shape: Shape<T>, json: unknown, field: string, slices: Slices): T | Promise<T> {
  return shape.inSlices && isContainer(json) ? shape.inSlices(json, field, slices) : shape(valueOf(json), field);
}

/** Whether something of one or several members that are spelt as they stand. */
function isContainer(json: unknown): json is object {
  return Array.isArray(json) || (typeof json === 'object' && json !== null && !isSpeltOut(json));
}

type Members = Readonly<Record<string, Shape<unknown>>>;
/** What a table of members gives; those that may be absent are undefined then. */
export type ValueOf<M extends Members> = { readonly [K in keyof M]: M[K] extends Shape<infer T> ? T : never };

function refuse(field: string, reason: string): never {
  throw new InvalidValueError(field, reason);
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  const whole: Shape<T | undefined> = (value, field) => (value === undefined ? undefined : shape(value, field));
  return shape.inSlices ? sliced(whole, shape.inSlices) : whole;
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, field) => (value === null ? null : shape(value, field));
}

export function object<M extends Members>(members: M): Shape<ValueOf<M>> {
  const shapes = Object.entries(members);
  const whole: Shape<ValueOf<M>> = (value, field) => {
    if (typeof value !== 'object' || value === null) return refuse(field, 'must be an object');
    const read: Record<string, unknown> = {};
    for (const [key, shape] of shapes) {
      const member = shape((value as Record<string, unknown>)[key], `${field}.${key}`);
      // Whether a member is there may mean something.
      if (member !== undefined) read[key] = member;
    }
    return read as ValueOf<M>;
  };
  if (!shapes.some(([, { inSlices }]) => inSlices)) return whole;
  return sliced(whole, async (value, field, slices) => {
    const read: Record<string, unknown> = {};
    for (const [key, shape] of shapes) {
      const member = await shapeInSlices(shape, (value as Record<string, unknown>)[key], `${field}.${key}`, slices);
      if (member !== undefined) read[key] = member;
    }
    return read as ValueOf<M>;
  });
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return sliced(
    (value, field) =>
      Array.isArray(value) ? value.map((item, at) => shape(item, `${field}[${at}]`)) : refuse(field, 'must be a list'),
    async (value, field, slices) => {
      if (!Array.isArray(value)) return refuse(field, 'must be a list');
      const read: T[] = [];
      for (const item of value) {
        read.push(shape(valueOf(item), `${field}[${read.length}]`));
        if (slices.isOver()) await slices.next();
      }
      return read;
    },
  );
}

export function either<A, B>(key: string, first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return (value, field) =>
    typeof value === 'object' && value !== null && key in value ? first(value, field) : second(value, field);
}

export function choice<T extends string>(choices: readonly T[]): Shape<T> {
  return (value, field) =>
    choices.find((one) => one === value) ?? refuse(field, `must be one of ${choices.join(', ')}`);
}

export const text: Shape<string> = (value, field) =>
  typeof value === 'string' ? value : refuse(field, 'must be a string');

/** The name of a namespace or work spec. */
export const textName: Shape<string> = (value, field) => checkTextName(field, text(value, field));

/** A string of one character for each byte. */
export const byteText: Shape<ByteName> = (value, field) => {
  const name = text(value, field);
  return /^[\0-\xff]*$/.test(name) ? name : refuse(field, 'must have a character from U+0000 to U+00FF for each byte');
};

/** The name of a unit or worker. */
export const byteName: Shape<ByteName> = (value, field) => checkByteName(field, byteText(value, field));

export const flag: Shape<boolean> = (value, field) =>
  typeof value === 'boolean' ? value : refuse(field, 'must be true or false');

export const finite: Shape<number> = (value, field) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(field, 'must be a number');

export const whole: Shape<number> = (value, field) =>
  Number.isSafeInteger(value) ? (value as number) : refuse(field, 'must be a whole number');

/** As many as one likes is Infinity. */
export const amount: Shape<number> = (value, field) =>
  typeof value === 'number' && value >= 0 ? value : refuse(field, 'must be a number of at least 0');

/** A moment, or a span: both are as long as time is at most. */
export const micros: Shape<Micros> = (value, field) =>
  Number.isInteger(value) && (value as number) >= ZERO_TIME - LAST_TIME && (value as number) <= LAST_TIME - ZERO_TIME
    ? (value as number)
    : refuse(field, 'must be a whole number of microseconds');

export const integer: Shape<bigint> = (value, field) =>
  typeof value === 'bigint' ? value : refuse(field, 'must be {"$integer": "…"}');

/** A dictionary in CBOR. */
export const data: Shape<EncodedData> = (value, field) => {
  if (!(value instanceof Uint8Array)) return refuse(field, 'must be {"$cbor": "…"}');
  try {
    const reader = new CborReader(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    reader.skip();
    if (!reader.atEnd) return refuse(field, 'has something after the CBOR');
  } catch (error) {
    if (error instanceof CborError) return refuse(field, `is not CBOR: ${error.message}`);
    throw error;
  }
  return isMap(value) ? value : refuse(field, 'must be a dictionary');
};
