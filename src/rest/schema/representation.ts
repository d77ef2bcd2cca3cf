import type { Ref, Schema, SchemaOrRef } from '../openapi/schema.js';
import { component, described } from '../openapi/schema.js';

/**
 * Answers as tables of members: one table writes the JSON of a thing and describes it in the OpenAPI document. What is
 * absent is left out, never null.
 */
export interface Part<T> {
  readonly schema: SchemaOrRef;
  /** The JSON of the member; undefined leaves it out. */
  json(value: T): string | undefined;
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

/** A kind of answer, of things of type T. */
export class Representation<T> {
  readonly ref: Ref;
  private readonly parts: readonly { readonly head: string; readonly json: (value: T) => string | undefined }[];

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
}

export function listJson<T>(items: readonly T[], json: (item: T) => string): string {
  let all = '[';
  for (let i = 0; i < items.length; i++) all += i === 0 ? json(items[i]) : `,${json(items[i])}`;
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
