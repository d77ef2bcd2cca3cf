import type { Ref, Schema, SchemaOrRef } from '../openapi/schema.js';
import { component, described } from '../openapi/schema.js';
import { invalidValues } from '../errors/rest-error.js';
import { badBody, InvalidJsonValue, JsonReader } from '../json/json-reader.js';

/**
 * Bodies as tables of fields: one table reads and checks a body, and describes it in the OpenAPI document. Null counts as
 * absent unless a field says what it means; keys that are not in the table are ignored.
 */
export interface Field<T> {
  readonly schema: SchemaOrRef;
  /**
   * Reads the value at the cursor, which is not null.
   * @returns undefined when it is refused, and says so at the reader
   * @throws InvalidJsonValue
   */
  read(reader: JsonReader, name: string): T | undefined;
}

/** How a field stands in its table. */
export interface Member<T, Kind extends 'optional' | 'required' | 'nullable' = 'optional' | 'required' | 'nullable'> {
  readonly field: Field<T>;
  readonly kind: Kind;
  readonly description: string;
}

type Members = Readonly<Record<string, Member<unknown>>>;

/** What reading a table gives: absent fields are not there, a nullable one may be null. */
export type BodyOf<M extends Members> = {
  readonly [K in keyof M as M[K] extends Member<unknown, 'required'> ? K : never]: ValueOf<M[K]>;
} & {
  readonly [K in keyof M as M[K] extends Member<unknown, 'required'> ? never : K]?: M[K] extends Member<
    unknown,
    'nullable'
  >
    ? ValueOf<M[K]> | null
    : ValueOf<M[K]>;
};

type ValueOf<M> = M extends Member<infer T> ? T : never;

export function optional<T>(field: Field<T>, description: string): Member<T, 'optional'> {
  return { field, kind: 'optional', description };
}

export function required<T>(field: Field<T>, description: string): Member<T, 'required'> {
  return { field, kind: 'required', description };
}

/** Null is not the same as absent. */
export function nullable<T>(field: Field<T>, description: string): Member<T, 'nullable'> {
  return { field, kind: 'nullable', description };
}

/** A table of fields: a whole body, or an object inside one. */
export class ObjectField<M extends Members> implements Field<BodyOf<M>> {
  readonly schema: SchemaOrRef;
  private readonly table: ReadonlyMap<string, Member<unknown>>;
  private readonly requiredNames: readonly string[];

  /** @param name - of the component in the OpenAPI document */
  constructor(name: string, members: M, about: Pick<Schema, 'description' | 'example'>) {
    this.table = new Map(Object.entries(members));
    const entries = [...this.table];
    this.requiredNames = entries.filter(([, { kind }]) => kind === 'required').map(([key]) => key);
    this.schema = component(name, {
      type: 'object',
      ...about,
      properties: Object.fromEntries(
        entries.map(([key, { field, description }]) => [key, described(field.schema, description)]),
      ),
      ...(this.requiredNames.length > 0 && { required: this.requiredNames }),
    });
  }

  read(reader: JsonReader, name: string): BodyOf<M> | undefined {
    const start = reader.position;
    if (reader.peek() !== '{') {
      return reader.refuse(name || 'body', start, `must be an object, not ${reader.peekTypeName()}`);
    }
    const prefix = name === '' ? '' : `${name}.`;
    const values: Record<string, unknown> = {};
    reader.readObject((key) => {
      const member = this.table.get(key);
      if (!member) return reader.skip();
      // Of a key that comes twice the last counts, even where it is null.
      delete values[key];
      const at = reader.position;
      if (reader.takeNull()) {
        if (member.kind === 'nullable') values[key] = null;
        else if (member.kind === 'required') reader.refuse(prefix + key, at, 'is required');
        return;
      }
      try {
        values[key] = member.field.read(reader, prefix + key);
      } catch (error) {
        if (!(error instanceof InvalidJsonValue)) throw error;
        reader.refuse(prefix + key, at, error.message);
      }
    });
    for (const key of this.requiredNames) {
      if (!(key in values) && !reader.problems.some(({ field }) => field === prefix + key)) {
        reader.missing(prefix + key);
      }
    }
    return values as BodyOf<M>;
  }

  /**
   * Reads a whole body.
   * @param whenEmpty - 'ok': no body at all is `{}`
   * @throws RestError (400), with the problem of every field
   */
  parse(body: unknown, whenEmpty: 'ok' | 'refused' = 'refused'): BodyOf<M> {
    if (!(body instanceof Buffer) || body.length === 0) {
      if (whenEmpty === 'refused') throw badBody('', 'is required');
      body = EMPTY_OBJECT;
    }
    const reader = JsonReader.of(body as Buffer);
    const value = this.read(reader, '');
    reader.end();
    if (reader.problems.length > 0 || value === undefined) throw invalidValues(reader.problems);
    return value;
  }

  get ref(): Ref {
    return this.schema as Ref;
  }
}

const EMPTY_OBJECT = Buffer.from('{}');
