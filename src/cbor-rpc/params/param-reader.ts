import { CborError, type CborReader, Major, Tag } from '../../cbor/index.js';
import type { Slices } from '../../timing/slices.js';
import { ParamError } from './param-error.js';

/** Reads one value of a request into a typed one. Readers compose; see `params` for the outermost. */
export interface ParamReader<T> {
  /** What such a value is called where methods are described: `text`, `[name, …]`. */
  readonly type: string;
  /** Of a map of options: what may be in it. */
  readonly fields?: Readonly<Record<string, ParamReader<unknown>>>;
  /** What the value is for, in words for those who call the method. */
  readonly meaning?: string;
  /**
   * Takes the value at the cursor.
   *
   * @throws ParamError when it is not what it should be
   */
  read(reader: CborReader): T;
  /** As read, in slices, where the value can have many parts. The reader is nobody else's meanwhile. */
  readInSlices?(reader: CborReader, slices: Slices): Promise<T>;
  /** There where the value may be missing or null: what it then counts as. */
  readonly absent?: { readonly value: T };
}

/** What a reader gives. */
export type ValueOf<R> = R extends ParamReader<infer T> ? T : never;

/** A value that may be missing or null. */
export function optional<T>(reader: ParamReader<T>): ParamReader<T | undefined>;
export function optional<T>(reader: ParamReader<T>, fallback: T): ParamReader<T>;
export function optional<T>(reader: ParamReader<T>, fallback?: T): ParamReader<T | undefined> {
  return {
    type: reader.type,
    fields: reader.fields,
    read: (cursor) => reader.read(cursor),
    readInSlices: reader.readInSlices && ((cursor, slices) => reader.readInSlices!(cursor, slices)),
    absent: { value: fallback },
  };
}

/** The value with the words that the page on methods has for it. */
export function described<T>(reader: ParamReader<T>, meaning: string): ParamReader<T> {
  return { ...reader, meaning };
}

/** Reads a value in slices where that can be done, else in one go. */
export async function readInSlices<T>(value: ParamReader<T>, reader: CborReader, slices: Slices): Promise<T> {
  return value.readInSlices ? value.readInSlices(reader, slices) : value.read(reader);
}

/** Reads the value under a name or at an index of its container, so that errors say where the trouble is. */
export function readAt<T>(place: string | number, value: ParamReader<T>, reader: CborReader): T {
  if (value.absent !== undefined && reader.takeNull()) return value.absent.value;
  try {
    return value.read(reader);
  } catch (error) {
    throw asParamError(error).within(place);
  }
}

/** As readAt, in slices. */
export async function readAtInSlices<T>(
  place: string | number,
  value: ParamReader<T>,
  reader: CborReader,
  slices: Slices,
): Promise<T> {
  if (value.absent !== undefined && reader.takeNull()) return value.absent.value;
  try {
    return await readInSlices(value, reader, slices);
  } catch (error) {
    throw asParamError(error).within(place);
  }
}

/** Whether the value at the cursor is a byte or text string. */
export function isString(reader: CborReader): boolean {
  const major = reader.peekMajor();
  return major === Major.Bytes || major === Major.Text;
}

/** The complaint that the value at the cursor is not `expected`. */
export function mustBe(expected: string, reader: CborReader): ParamError {
  const tag = reader.peekTag();
  const found = tag === undefined ? reader.peekTypeName() : tag === Tag.Tuple ? 'a tuple' : `a value with tag ${tag}`;
  return new ParamError(`must be ${expected}, not ${found}`);
}

/** The message was checked to be well-formed before anybody read it: what is left to go wrong in CBOR is text. */
function asParamError(error: unknown): ParamError {
  if (error instanceof ParamError) return error;
  if (error instanceof CborError) return new ParamError('is not valid UTF-8');
  throw error;
}
