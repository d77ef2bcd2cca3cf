import type { EncodedData } from '../../domain/data.js';
import type { JsonAnswer } from '../http/answers.js';
import { JsonStream } from '../http/answers.js';
import type { DataForm } from '../json/data.js';
import { dataJson } from '../json/data.js';
import { base64Pieces } from '../../structures/base64-pieces.js';
import { dataPieces } from '../json/large-data.js';
import { plainPieces } from '../json/large-plain-data.js';
import type { Ref, Schema, SchemaOrRef } from '../openapi/schema.js';
import { component, described } from '../openapi/schema.js';
import { DATA_SCHEMA } from './data-schema.js';

/** An answer of more bytes than this, about, is made in pieces while it is read. */
const LARGE = 128 * 1024;
/** Bytes of one piece, about. */
const PIECE = 32 * 1024;
/** What the JSON of a thing in a list takes without its data, in bytes: so many that nobody has to look. */
const ITEM_BYTES = 256;

/**
 * Answers as tables of members: one table writes the JSON of a thing and describes it in the OpenAPI document. What is
 * absent is left out, never null.
 */
export interface Part<T> {
  readonly schema: SchemaOrRef;
  /** The JSON of the member; undefined leaves it out. */
  json(value: T): string | undefined;
  /** How many bytes of JSON it is, about, where that may be many. */
  weight?(value: T): number;
  /** The JSON in pieces, which may be empty, of a member that may be large. */
  pieces?(value: T): Iterable<string>;
}

export interface OutMember<T> extends Part<T> {
  readonly optional: boolean;
  readonly description: string;
}

export function always<T>(schema: SchemaOrRef, description: string, json: (value: T) => string): OutMember<T> {
  return { schema, description, optional: false, json };
}

export function sometimes<T>(
  schema: SchemaOrRef,
  description: string,
  json: (value: T) => string | undefined,
): OutMember<T> {
  return { schema, description, optional: true, json };
}

/** What shows data says in which form. */
interface ShowsData {
  form?: DataForm;
}

/** A data dictionary. */
export function dictionary<T extends ShowsData>(description: string, data: (value: T) => EncodedData): OutMember<T> {
  return {
    schema: DATA_SCHEMA,
    description,
    optional: false,
    json: (value) => dataJson(data(value), value.form),
    weight: (value) => data(value).length,
    pieces: (value) => piecesOf(data(value), value.form),
  };
}

/** A data dictionary that may be left out. */
export function sometimesDictionary<T extends ShowsData>(
  description: string,
  data: (value: T) => EncodedData | undefined,
): OutMember<T> {
  return {
    schema: DATA_SCHEMA,
    description,
    optional: true,
    json: (value) => {
      const given = data(value);
      return given && dataJson(given, value.form);
    },
    weight: (value) => data(value)?.length ?? 0,
    pieces: (value) => piecesOf(data(value)!, value.form),
  };
}

function piecesOf(data: EncodedData, form: DataForm): Iterable<string> {
  if (form === 'cbor') return base64Pieces(data);
  return form === undefined ? dataPieces(data) : plainPieces(data);
}

/** Things of a list, which may be made one by one as their JSON is. */
export interface Items<I> extends Iterable<I> {
  readonly length: number;
  /** How many bytes the data in them are, where that is known before they are made. */
  readonly dataBytes?: number;
}

/** So few things are made before the list is: that is faster. */
const FEW = 100;

/**
 * What `view` makes of things, each when its JSON is made: 100,000 at once keep others waiting.
 * @param weight - how many bytes the data of one are
 */
export function viewed<S, I>(things: readonly S[], view: (thing: S) => I, weight?: (thing: S) => number): Items<I> {
  if (things.length <= FEW) return things.map(view);
  return {
    length: things.length,
    dataBytes: weight ? things.reduce((bytes, thing) => bytes + weight(thing), 0) : 0,
    *[Symbol.iterator]() {
      for (const thing of things) yield view(thing);
    },
  };
}

/** What a list says of each of its things. */
export type Listed<I> = Pick<Representation<I>, 'ref' | 'json' | 'weight' | 'pieces' | 'hasWeight'>;

/** A list of things that are represented alike. */
export function listOf<T, I>(
  description: string,
  { ref, json, weight, pieces, hasWeight }: Listed<I>,
  items: (value: T) => Items<I>,
): OutMember<T> {
  return {
    schema: { type: 'array', items: ref },
    description,
    optional: false,
    json: (value) => listJson(items(value), json),
    weight: (value) => {
      const all = items(value);
      let bytes = all.length * ITEM_BYTES + (all.dataBytes ?? 0);
      if (hasWeight && all.dataBytes === undefined) for (const item of all) bytes += weight(item);
      return bytes;
    },
    pieces: (value) => listPieces(items(value), { json, weight, pieces }),
  };
}

/** A list that may be left out. */
export function sometimesListOf<T, I>(
  description: string,
  of: Representation<I>,
  items: (value: T) => Items<I> | undefined,
): OutMember<T> {
  const list = listOf<T, I>(description, of, (value) => items(value) ?? []);
  return { ...list, optional: true, json: (value) => (items(value) ? list.json(value) : undefined) };
}

/** A kind of answer, of things of type T. */
export class Representation<T> {
  readonly ref: Ref;
  private readonly parts: readonly { readonly head: string; readonly json: (value: T) => string | undefined }[];
  private readonly large: readonly OutMember<T>[];

  /** @param name - of the component in the OpenAPI document */
  constructor(
    name: string,
    readonly members: Readonly<Record<string, OutMember<T>>>,
    about: Pick<Schema, 'description' | 'example'>,
  ) {
    const entries = Object.entries(members);
    this.parts = entries.map(([key, member]) => ({
      head: `${JSON.stringify(key)}:`,
      json: (value) => member.json(value),
    }));
    this.large = Object.values(members).filter((member) => member.weight !== undefined);
    const required = entries.filter(([, { optional }]) => !optional).map(([key]) => key);
    this.ref = component(name, {
      type: 'object',
      ...about,
      properties: Object.fromEntries(
        entries.map(([key, { schema, description }]) => [key, described(schema, description)]),
      ),
      ...(required.length > 0 && { required }),
    });
  }

  readonly json = (value: T): string => {
    let json = '{';
    for (const part of this.parts) {
      const member = part.json(value);
      if (member === undefined) continue;
      json += json.length === 1 ? part.head + member : `,${part.head}${member}`;
    }
    return `${json}}`;
  };

  /** Whether what is in it may be many bytes of JSON. */
  get hasWeight(): boolean {
    return this.large.length > 0;
  }

  /** How many bytes of JSON it is, about, where that may be many. */
  readonly weight = (value: T): number => {
    let bytes = 0;
    for (const member of this.large) bytes += member.weight!(value);
    return bytes;
  };

  /** The JSON in pieces, some of them empty: they stand for work that was done. */
  readonly pieces = (value: T): Generator<string> => objectPieces(this.members, value);

  /** The JSON or, where that is large, what makes it in pieces. */
  answer(value: T): JsonAnswer {
    const bytes = this.weight(value);
    return bytes <= LARGE ? this.json(value) : new JsonStream(this.pieces(value), bytes);
  }
}

function* objectPieces<T>(members: Readonly<Record<string, OutMember<T>>>, value: T): Generator<string> {
  let json = '{';
  let isFirst = true;
  for (const [key, member] of Object.entries(members)) {
    const head = `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
    if (member.weight && member.weight(value) > LARGE) {
      yield json + head;
      yield* member.pieces!(value);
      json = '';
    } else {
      const text = member.json(value);
      if (text === undefined) continue;
      json += head + text;
    }
    isFirst = false;
  }
  yield `${json}}`;
}

/** How the JSON of one of several things is made, and in pieces where it weighs much. */
export interface Pieced<I> {
  readonly json: (item: I) => string;
  readonly weight: (item: I) => number;
  readonly pieces: (item: I) => Iterable<string>;
}

/** The JSON of a list in pieces. */
export function* listPieces<I>(items: Iterable<I>, { json, weight, pieces }: Pieced<I>): Generator<string> {
  let text = '[';
  let separator = '';
  for (const item of items) {
    text += separator;
    separator = ',';
    if (weight(item) <= LARGE) {
      text += json(item);
      if (text.length < PIECE) continue;
      yield text;
    } else {
      yield text;
      yield* pieces(item);
    }
    text = '';
  }
  yield `${text}]`;
}

/** The JSON of a list or, where that is large, what makes it in pieces. */
export function listAnswer<I>(items: readonly I[], of: Representation<I>): JsonAnswer {
  const bytes = items.length * ITEM_BYTES;
  return bytes <= LARGE ? listJson(items, of.json) : new JsonStream(listPieces(items, of), bytes);
}

export function listJson<T>(items: Iterable<T>, json: (item: T) => string): string {
  let all = '[';
  for (const item of items) all += all.length === 1 ? json(item) : `,${json(item)}`;
  return `${all}]`;
}

/** The JSON of a text that needs no escapes, such as a link. */
export function plainJson(text: string): string {
  return `"${text}"`;
}

/** The JSON of a number; JSON has no infinities. */
export function numberJson(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return String(Math.sign(value) * Number.MAX_VALUE);
}

/** The link to what follows in a list, if something does. */
export function nextLink<T extends { nextUrl?: string }>(example: string): OutMember<T> {
  return sometimes(link(example), 'The rest, if there is more.', ({ nextUrl }) =>
    nextUrl === undefined ? undefined : plainJson(nextUrl),
  );
}

/** Schemas that representations share. */
export const link = (example: string): Schema => ({ type: 'string', example });
export const template = link;
export const moment = (example = '2026-01-02T03:04:05.678901Z'): Schema => ({
  type: 'string',
  format: 'date-time',
  example,
});
export const nameSchema = (example: string): Schema => ({ type: 'string', example });
export const wholeNumber = (example: number): Schema => ({
  type: 'integer',
  format: 'int64',
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  example,
});
