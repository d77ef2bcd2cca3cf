import type { Warning } from '../../domain/warning.js';
import type { Ref, Schema, SchemaOrRef } from '../openapi/schema.js';
import { component, described } from '../openapi/schema.js';
import { invalidValues } from '../errors/rest-error.js';
import { badBody, JsonReader } from '../json/json-reader.js';
import { InvalidJsonValue } from '../json/json-values.js';
import type { Steps } from '../json/steps.js';
import { LargeJsonReader } from '../json/large-reader.js';
import { nextTurn } from '../../timing/slices.js';

/**
 * Bodies as tables of fields: one table reads and checks a body, and describes it in the OpenAPI document. Null counts as
 * absent unless a field says what it means; keys that are not in the table are ignored, with a warning where the table has one.
 */
export interface Field<T> {
  readonly schema: SchemaOrRef;
  /**
   * Reads the value at the cursor, which is not null.
   * @returns undefined when it is refused, and says so at the reader
   * @throws InvalidJsonValue
   */
  read(reader: JsonReader, name: string): T | undefined;
  /** The same of a value that may be large; `afterRefusal` is for whoever calls it. */
  readInSteps?(reader: LargeJsonReader, name: string): Steps<T | undefined>;
}

/** Reads a value by steps where its field knows how, and moves behind it where it is refused. */
export function* stepsOf<T>(field: Field<T>, reader: LargeJsonReader, name: string): Steps<T | undefined> {
  yield* reader.longString();
  const value = field.readInSteps ? yield* field.readInSteps(reader, name) : field.read(reader, name);
  yield* reader.afterRefusal();
  return value;
}

/** A body of so many bytes is read in steps. */
const LARGE = 64 * 1024;

/** A large body that has been read. */
class Parsed {
  constructor(
    readonly field: unknown,
    readonly value: unknown,
  ) {}
}

/** Says what there is to say of a key that is not in a table and is ignored. */
export type AboutKey = (key: string) => string | undefined;

/** Of the bodies that have some. */
const warningsOf = new WeakMap<object, readonly Warning[]>();
const NONE: readonly Warning[] = [];

/** @param body - what `parse` gave @returns what of it was ignored, but probably not to be */
export function warningsIn(body: object): readonly Warning[] {
  return warningsOf.get(body) ?? NONE;
}

const byRef = new Map<string, ObjectField<Members>>();

/**
 * Reads a large body in slices of time, so that `parse` finds it read.
 * @param ref - of the schema of the route's body @returns what is to take the place of the body
 * @throws RestError (400), with the problem of every field
 */
export function prepareBody(ref: string | undefined, body: unknown): Promise<unknown> | undefined {
  if (!(body instanceof Buffer) || body.length < LARGE || ref === undefined) return undefined;
  return byRef.get(ref)?.prepare(body);
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

  /**
   * @param name - of the component in the OpenAPI document
   * @param ofList - what to say to whoever sends a list in its place, behind "must be an object, not a list"
   */
  constructor(
    name: string,
    members: M,
    about: Pick<Schema, 'description' | 'example'>,
    private readonly aboutKey?: AboutKey,
    private readonly ofList?: string,
  ) {
    this.table = new Map(Object.entries(members));
    const entries = [...this.table];
    this.requiredNames = entries.filter(([, { kind }]) => kind === 'required').map(([key]) => key);
    const ref = component(name, {
      type: 'object',
      ...about,
      properties: Object.fromEntries(
        entries.map(([key, { field, description }]) => [key, described(field.schema, description)]),
      ),
      ...(this.requiredNames.length > 0 && { required: this.requiredNames }),
    });
    this.schema = ref;
    byRef.set(ref.$ref, this);
  }

  read(reader: JsonReader, name: string): BodyOf<M> | undefined {
    const start = reader.position;
    const first = reader.peek();
    if (first !== '{') {
      // Within a list of objects another list is no attempt at sending several.
      const hint = first === '[' && name === '' && this.ofList !== undefined ? `: ${this.ofList}` : '';
      return reader.refuse(name || 'body', start, `must be an object, not ${reader.peekTypeName()}${hint}`);
    }
    const prefix = name === '' ? '' : `${name}.`;
    const values: Record<string, unknown> = {};
    reader.readObject((key) => {
      const member = this.table.get(key);
      if (!member) {
        this.warnOf(reader, prefix, key);
        return reader.skip();
      }
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
    this.checkRequired(reader, prefix, values);
    return values as BodyOf<M>;
  }

  *readInSteps(reader: LargeJsonReader, name: string): Steps<BodyOf<M> | undefined> {
    if (reader.peek() !== '{') return this.read(reader, name);
    const prefix = name === '' ? '' : `${name}.`;
    const values: Record<string, unknown> = {};
    for (let more = reader.enterObject(); more; more = reader.nextMember()) {
      const key = yield* reader.keyInSteps();
      const member = this.table.get(key);
      if (member) yield* this.memberInSteps(reader, prefix + key, member, key, values);
      else {
        this.warnOf(reader, prefix, key);
        yield* reader.skipInSteps();
      }
      if (reader.isOver) yield;
    }
    this.checkRequired(reader, prefix, values);
    return values as BodyOf<M>;
  }

  private *memberInSteps(
    reader: LargeJsonReader,
    name: string,
    { field, kind }: Member<unknown>,
    key: string,
    values: Record<string, unknown>,
  ): Steps<void> {
    delete values[key];
    const at = reader.position;
    if (reader.takeNull()) {
      if (kind === 'nullable') values[key] = null;
      else if (kind === 'required') reader.refuse(name, at, 'is required');
    } else {
      try {
        values[key] = yield* stepsOf(field, reader, name);
      } catch (error) {
        if (!(error instanceof InvalidJsonValue)) throw error;
        reader.refuse(name, at, error.message);
      }
    }
    yield* reader.afterRefusal();
  }

  private warnOf(reader: JsonReader, prefix: string, key: string): void {
    const reason = this.aboutKey?.(key);
    if (reason !== undefined) reader.warn(prefix + key, reason);
  }

  private checkRequired(reader: JsonReader, prefix: string, values: Record<string, unknown>): void {
    for (const key of this.requiredNames) {
      if (!(key in values) && !reader.problems.some(({ field }) => field === prefix + key)) {
        reader.missing(prefix + key);
      }
    }
  }

  /** Reads a whole body that is large. */
  async prepare(body: Buffer): Promise<Parsed> {
    const reader = await LargeJsonReader.ofLarge(body);
    const value = await reader.all(stepsOf(this, reader, ''));
    reader.end();
    const read = checked(reader, value);
    // What is done with it takes a while too: data are copied to where they are kept.
    await nextTurn();
    return new Parsed(this, read);
  }

  /**
   * Reads a whole body.
   * @param whenEmpty - 'ok': no body at all is `{}`
   * @throws RestError (400), with the problem of every field
   */
  parse(body: unknown, whenEmpty: 'ok' | 'refused' = 'refused'): BodyOf<M> {
    if (body instanceof Parsed && body.field === this) return body.value as BodyOf<M>;
    if (!(body instanceof Buffer) || body.length === 0) {
      if (whenEmpty === 'refused') throw badBody('', 'is required');
      body = EMPTY_OBJECT;
    }
    const reader = JsonReader.of(body as Buffer);
    const value = this.read(reader, '');
    reader.end();
    return checked(reader, value);
  }

  get ref(): Ref {
    return this.schema as Ref;
  }
}

const EMPTY_OBJECT = Buffer.from('{}');

function checked<T extends object>({ problems, warnings }: JsonReader, value: T | undefined): T {
  if (problems.length > 0 || value === undefined) throw invalidValues(problems);
  if (warnings) warningsOf.set(value, warnings);
  return value;
}
