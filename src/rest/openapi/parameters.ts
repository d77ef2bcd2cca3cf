import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { MOST_LOOKS, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { MAX_PATH_PART } from '../names.js';
import type { Schema } from './schema.js';

type Decorator = MethodDecorator & ClassDecorator;
/** What Nest calls a schema. */
type ParameterSchema = Extract<Parameters<typeof ApiQuery>[0], { schema: unknown }>['schema'];

// Examples are in the schemas: beside one, Nest's decorators drop them. Swagger UI fills its forms with them.

const NAME_ENCODING =
  'A name as it is if it is not empty, has only `A-Z a-z 0-9 . _ : -`, does not begin with `-` and is neither `.` nor ' +
  '`..`; else `-` and the base64url of its bytes without padding.';

const PATH_PARTS = {
  namespace: { about: 'Namespace.', example: 'default' },
  spec: { about: 'Work spec.', example: 'crawl' },
  unit: { about: 'Work unit.', example: 'u1' },
  worker: { about: 'Worker.', example: 'worker-1' },
  start: { about: 'Opaque last part of the address of an attempt.', example: 'h3k8xkcao0.1' },
} as const;

export type PathPart = keyof typeof PATH_PARTS;

/** What the document says of a part of a path. */
export interface PathPartText {
  readonly about: string;
  readonly example: string;
}

/**
 * The parameters of a path like `namespace/:namespace/work_spec/:spec`.
 * @param own - of parts besides those that paths here have
 */
export function pathParameters(path: string, own: Readonly<Record<string, PathPartText>> = {}): Decorator[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => {
    const text: PathPartText | undefined = PATH_PARTS[name as PathPart] ?? own[name];
    if (text === undefined) throw new Error(`the path ${path} does not describe its part ${name}`);
    const { about, example } = text;
    return ApiParam({
      name: name,
      required: true,
      description: name === 'start' ? about : `${about} ${NAME_ENCODING}`,
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: name === 'start' ? 64 : MAX_PATH_PART,
        // A name has none: the server takes any that is percent-encoded.
        ...(name === 'start' && { pattern: '^-?[0-9a-z]+[.][0-9a-z]+$' }),
        example,
      },
    });
  });
}

/** A parameter of a query: what a route knows it by, and what the document says of it. */
export interface QueryParameter {
  readonly name: string;
  readonly decorator: Decorator;
}

/** An optional parameter. It has neither example nor default: Swagger UI would send them along unasked. */
export function parameter(name: string, description: string, schema: Schema): QueryParameter {
  const list = schema.type === 'array' ? ({ style: 'form', explode: true } as const) : {};
  const decorator = ApiQuery({ name, required: false, description, ...list, schema: schema as ParameterSchema });
  return { name, decorator };
}

const PREVIOUS = parameter('previous', 'Only names greater than this one, bytewise; in the encoding of paths.', {
  type: 'string',
  maxLength: MAX_PATH_PART,
});

const limit = (description: string): QueryParameter =>
  parameter('limit', description, {
    type: 'integer',
    format: 'int64',
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
  });
const LIMIT = limit('At most so many, the first in bytewise order of their names.');

/** Which part of a list by name. */
export const NAMED_WINDOW: readonly QueryParameter[] = [
  PREVIOUS,
  limit('At most so many, the first in bytewise order of their names; 1000 where it is absent.'),
];

/** Which part of a list that is in the order of time. */
export const NUMBERED_WINDOW: readonly QueryParameter[] = [
  parameter('next', 'Where the part before ended, as its next_url has it.', { type: 'string', maxLength: 11 }),
  limit('At most so many, the oldest; 1000 where it is absent.'),
];

/** Where somebody goes on who has signed in. */
export const RETURN_TO = parameter(
  'return_to',
  'Where to go on then: a path here, with its query and fragment. Absent, or where it leads elsewhere: the root document.',
  { type: 'string' },
);

/** How the data in an answer are shown. */
export const DATA_FORM = parameter(
  'data',
  'json: data are always an object, in which what JSON cannot say is spelt out, such as `{"$bytes": "AP8="}`, so that nothing ' +
    'is lost; cbor: always base64 of the CBOR, as it was sent; all forms are taken back. Absent: an object, or base64 of the CBOR ' +
    'where an object would lose something.',
  { type: 'string', enum: ['json', 'cbor'] },
);

/** Which daemons ask in which daemons the state is kept. */
export const STORAGE_ASKING = parameter('asking', 'The ids of the daemons that ask, the first one first.', {
  type: 'array',
  items: { type: 'string', maxLength: 64 },
});

/** What the items of a list of work units can have besides. */
export const INCLUDES = ['data', 'attempt', 'meta'] as const;

/** What else selects work units. */
const UNIT_FILTERS: readonly QueryParameter[] = [
  parameter('failure', 'Only those that are failed by this cause: its id, as listFailures has it.', {
    type: 'string',
    pattern: '^([0-9a-f]{12}|other|unknown)$',
  }),
  parameter('prefix', 'Only names that begin with these bytes.', { type: 'string' }),
  parameter(
    'contains',
    `Only names that have these bytes in them. Every name that the rest of the query leaves is looked at, in a list or count ${MOST_LOOKS} of ` +
      'them at most: its next_url goes on behind the last one.',
    { type: 'string', minLength: 1 },
  ),
  parameter('worker', 'Only those that this worker holds; its name in the encoding of paths.', {
    type: 'string',
    maxLength: MAX_PATH_PART,
  }),
];

/** The query of a list of work units. */
export function unitListQuery(): QueryParameter[] {
  const [name, status] = unitQuery();
  return [
    name,
    status,
    ...UNIT_FILTERS,
    ...NAMED_WINDOW,
    parameter(
      'include',
      'What each unit is to have besides: its data; its status, and who does it or did it last, since when, and why it failed; its meta.',
      { type: 'array', items: { type: 'string', enum: INCLUDES } },
    ),
    DATA_FORM,
  ];
}

/** The query that selects work units. */
export function unitQuery(statuses: readonly string[] = [...WORK_UNIT_STATUSES, 'any']): QueryParameter[] {
  return [
    parameter(
      'name',
      'Only these. The unit with exactly these bytes or, where there is none and it is in the form, the name that it ' +
        'encodes as a path part does.',
      { type: 'array', items: { type: 'string' } },
    ),
    parameter('status', 'Only those in one of these statuses.', {
      type: 'array',
      items: { type: 'string', enum: [...statuses] },
    }),
    ...UNIT_FILTERS,
    PREVIOUS,
    LIMIT,
  ];
}

/** The query that selects work units to be counted. */
export function unitCountQuery(): QueryParameter[] {
  return unitQuery().filter(({ name }) => name !== LIMIT.name);
}

export function workerQuery(): QueryParameter[] {
  return [
    parameter('active', 'true: only workers that are active now.', { type: 'boolean' }),
    parameter(
      'sort',
      'last_claim: by when they were last given work, those first that never were, then those that have waited longest; else by name.',
      { type: 'string', enum: ['last_claim'] },
    ),
    parameter('next', 'Where the part before ended, as its next_url has it; with sort.', {
      type: 'string',
      maxLength: MAX_PATH_PART + 32,
    }),
    ...NAMED_WINDOW,
  ];
}

/** How many causes of failures a list has. */
export function failuresQuery(): QueryParameter[] {
  return [limit('At most so many, those of most units; 1000 where it is absent.')];
}

/** Which part of a history. */
export function historyQuery(): QueryParameter[] {
  return [
    parameter('from', 'Since when; an hour before `to` where it is absent. Made earlier to begin with a whole step.', {
      type: 'string',
      format: 'date-time',
    }),
    parameter('to', 'Until when; now where it is absent. Made later to end with a whole step.', {
      type: 'string',
      format: 'date-time',
    }),
    parameter(
      'step',
      'How much is told together, in nanoseconds: as many minutes as an hour has a whole number of (1, 2, 3, 4, 5, 6, 10, 12, ' +
        '15, 20, 30), or whole hours. Absent: a minute, or an hour where it is more than 48 hours. At most 10,000 steps.',
      { type: 'integer', format: 'int64', minimum: 60_000_000_000, maximum: Number.MAX_SAFE_INTEGER },
    ),
  ];
}

export function countsQuery(): QueryParameter[] {
  return [
    parameter('counts', 'true: count the available and pending units; else both counts are 0.', { type: 'boolean' }),
  ];
}
