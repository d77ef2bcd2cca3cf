import { applyDecorators, Delete, Get, HttpCode, Post, Put, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Caller, CallerHere } from '../../access/caller.js';
import { type DeclaredNeed, needText } from '../../access/need.js';
import { Needs, refuseUndeclared } from '../access/needs.js';
import { queryOf } from '../http/path.js';
import type { Ref, SchemaOrRef } from './schema.js';
import { BODY_ERRORS, COMMON_ERRORS, ERROR, ERROR_KINDS } from './errors.js';
import type { PathPartText, QueryParameter } from './parameters.js';
import { pathParameters } from './parameters.js';

/** What a route is for clients: its method and path, and all that the OpenAPI document says of it. */
export interface RouteDescription {
  /** Becomes the name of a method in generated clients. */
  id: string;
  summary: string;
  description?: string;
  /** What its caller must have; a right alone: in the namespace of the path. */
  needs: DeclaredNeed;
  tag:
    | 'Namespaces'
    | 'Work specs'
    | 'Work units'
    | 'Workers'
    | 'Attempts'
    | 'Sessions'
    | 'Storage'
    | 'Service'
    | typeof PLUGIN_TAG;
  /** Parts of the path besides those that the daemon's own paths have, by name. */
  parts?: Readonly<Record<string, PathPartText>>;
  /** What the query may have; anything else in it is refused, but where others say what is in it. */
  query?: readonly QueryParameter[] | 'any';
  body?: { schema: Ref; example: Record<string, unknown>; optional?: boolean };
  /** The answer when all goes well; 204 has none. It is JSON unless it says of which other `type` it is. */
  answer:
    | {
        status: 200 | 201 | 302;
        description: string;
        schema: SchemaOrRef;
        example: unknown;
        location?: boolean;
        type?: string;
      }
    | 204;
  /** Headers that an answer of 204 may have, and what they say. */
  headers?: Readonly<Record<string, string>>;
  /** Error statuses besides those that any request may run into. */
  errors?: readonly (404 | 409 | 410)[];
}

const METHODS = { GET: Get, POST: Post, PUT: Put, DELETE: Delete } as const;

/** Who makes the requests of a route: in the namespace of its path, if that has one. */
type CallerOf<Path extends string> = Path extends `${string}/:namespace${string}` ? CallerHere : Caller;

/** What carries out the requests of a route: who asks, and the request. What it returns, or a promise of it, is answered. */
type RouteHandler<Path extends string> = (caller: CallerOf<Path>, request: FastifyRequest) => unknown;

/** Of routes that plug-ins add. */
export const PLUGIN_TAG = 'Plug-ins';

/** A route of a controller, such as `Route('GET', 'namespace/:namespace', {…})`. */
export function Route<Path extends string>(method: keyof typeof METHODS, path: Path, route: RouteDescription) {
  const {
    id,
    summary,
    description = summary,
    tag,
    needs,
    parts,
    query: declared = [],
    body,
    answer,
    headers,
    errors = [],
  } = route;
  // What declares none does not compile; plain JavaScript is not compiled.
  refuseUndeclared(`${method} ${path}`, needs);
  const query = declared === 'any' ? [] : declared;
  const statuses = [...COMMON_ERRORS, ...(body ? BODY_ERRORS : []), ...errors];
  const decorate = applyDecorators(
    handling(declared === 'any' ? undefined : query.map(({ name }) => name)),
    METHODS[method](path),
    Needs(needs, {
      ...(body && { body: body.schema.$ref }),
      ...(answer !== 204 && answer.type !== undefined && { answers: answer.type }),
    }),
    HttpCode(answer === 204 ? 204 : answer.status),
    ApiTags(tag),
    ApiOperation({ operationId: id, summary, description: `${sentence(description)} ${needText(needs)}` }),
    ...pathParameters(path, parts),
    ...query.map(({ decorator }) => decorator),
    ...(body
      ? [ApiBody({ schema: body.schema, required: !body.optional, examples: { example: { value: body.example } } })]
      : []),
    success(answer, headers),
    ...statuses.sort((a, b) => a - b).map(failure),
    ApiResponse({ status: 'default', description: 'Any other error.', content: json(ERROR, undefined) }),
  );
  return <H extends RouteHandler<Path>>(
    controller: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => decorate(controller, key, descriptor);
}

/**
 * Has the handler get the caller and the request, and only requests whose query is of known parameters. Comes first: it puts
 * another in its place.
 */
function handling(known: readonly string[] | undefined): MethodDecorator {
  return (target, key, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as (caller: Caller, request: FastifyRequest) => unknown;
    descriptor.value = function (this: unknown, request: FastifyRequest): unknown {
      if (known !== undefined) queryOf(request).refuseOthers(known);
      return handler.call(this, request.caller!, request);
    };
    Req()(target, key, 0);
  };
}

/** A summary has no full stop. */
function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function success(answer: RouteDescription['answer'], headers: RouteDescription['headers']): MethodDecorator {
  if (answer === 204) {
    const described = Object.entries(headers ?? {}).map(([name, description]) => {
      return [name, { description, schema: { type: 'string' as const } }] as const;
    });
    return ApiResponse({
      status: 204,
      description: 'Done.',
      ...(headers && { headers: Object.fromEntries(described) }),
    });
  }
  const { status, description, schema, example, location, type } = answer;
  return ApiResponse({
    status,
    description,
    content: json(schema, example, type),
    ...(location && {
      headers: { Location: { description: 'Link of what was made or was there.', schema: { type: 'string' } } },
    }),
  });
}

function failure(status: number): MethodDecorator {
  return ApiResponse({ status, ...errorAnswer(status) });
}

/** What the document says of an error status. */
export function errorAnswer(status: number) {
  const { description, example } = ERROR_KINDS[status];
  return {
    description,
    content: json(ERROR, example),
    ...(status === 405 && {
      headers: { Allow: { description: 'The methods of the path.', schema: { type: 'string' as const } } },
    }),
  };
}

type Content = NonNullable<Extract<Parameters<typeof ApiResponse>[0], { content?: unknown }>['content']>;

function json(schema: SchemaOrRef, example: unknown, type = 'application/json'): Content {
  return { [type]: { schema, ...(example !== undefined && { example }) } } as Content;
}
