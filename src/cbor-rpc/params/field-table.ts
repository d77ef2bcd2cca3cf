import { type CborReader, NameTable } from '../../cbor/index.js';
import type { Slices } from '../../timing/slices.js';
import { ParamError } from './param-error.js';
import { type ParamReader, readAt, readAtInSlices, type ValueOf } from './param-reader.js';

/** Readers by the name of what they read. */
export type Fields = Readonly<Record<string, ParamReader<unknown>>>;

/** The typed object that fields are read into. */
export type ValuesOf<F extends Fields> = { -readonly [Name in keyof F]: ValueOf<F[Name]> };

/** Reads the fields of one object, from a list in their order or from a map by their names. */
export class FieldTable<F extends Fields> {
  private readonly names: readonly string[];
  private readonly readers: readonly ParamReader<unknown>[];
  private readonly indexes: NameTable<number>;
  /** A bit for each field that must be there. */
  private readonly required: number;
  private readonly blank: Record<string, unknown>;

  constructor(fields: F) {
    this.names = Object.keys(fields);
    this.readers = Object.values(fields);
    this.indexes = new NameTable(this.names.map((name, index) => [name, index] as const));
    this.required = this.readers.reduce((mask, reader, index) => (reader.absent ? mask : mask | (1 << index)), 0);
    this.blank = Object.fromEntries(this.names.map((name, index) => [name, this.readers[index].absent?.value]));
  }

  /** What an object with nothing in it reads as, where no field is required. */
  get absent(): ValuesOf<F> {
    return Object.freeze({ ...this.blank }) as ValuesOf<F>;
  }

  readList(reader: CborReader): ValuesOf<F> {
    const values = { ...this.blank };
    let index = 0;
    for (let left = reader.enterArray(); reader.hasMore(left); left--) {
      if (index === this.names.length) throw this.tooMany();
      const name = this.names[index];
      values[name] = readAt(name, this.readers[index], reader);
      index++;
    }
    return this.complete(values, (1 << index) - 1);
  }

  /** @param unknown deals with the value, at the cursor, of a key that no field has */
  readMap(reader: CborReader, unknown: (reader: CborReader, keyStart: number) => void): ValuesOf<F> {
    const values = { ...this.blank };
    let seen = 0;
    for (let left = reader.enterMap(); reader.hasMore(left); left--) {
      const keyStart = reader.offset;
      const index = reader.lookUp(this.indexes);
      if (index === undefined) {
        unknown(reader, keyStart);
      } else {
        const name = this.names[index];
        values[name] = readAt(name, this.readers[index], reader);
        seen |= 1 << index;
      }
    }
    return this.complete(values, seen);
  }

  async readListInSlices(reader: CborReader, slices: Slices): Promise<ValuesOf<F>> {
    const values = { ...this.blank };
    let index = 0;
    for (let left = reader.enterArray(); reader.hasMore(left); left--) {
      if (index === this.names.length) throw this.tooMany();
      const name = this.names[index];
      values[name] = await readAtInSlices(name, this.readers[index], reader, slices);
      index++;
    }
    return this.complete(values, (1 << index) - 1);
  }

  /** As readMap, in slices. */
  async readMapInSlices(
    reader: CborReader,
    slices: Slices,
    unknown: (reader: CborReader, keyStart: number) => void,
  ): Promise<ValuesOf<F>> {
    const values = { ...this.blank };
    let seen = 0;
    for (let left = reader.enterMap(); reader.hasMore(left); left--) {
      const keyStart = reader.offset;
      const index = reader.lookUp(this.indexes);
      if (index === undefined) {
        unknown(reader, keyStart);
      } else {
        const name = this.names[index];
        values[name] = await readAtInSlices(name, this.readers[index], reader, slices);
        seen |= 1 << index;
      }
      if (slices.isOver()) await slices.next();
    }
    return this.complete(values, seen);
  }

  private complete(values: Record<string, unknown>, seen: number): ValuesOf<F> {
    const missing = this.required & ~seen;
    if (missing !== 0) throw new ParamError('is missing', this.names[31 - Math.clz32(missing & -missing)]);
    return values as ValuesOf<F>;
  }

  private tooMany(): ParamError {
    const count = this.names.length;
    return new ParamError(count === 0 ? 'takes no parameters' : `takes at most ${count} parameters`);
  }
}
