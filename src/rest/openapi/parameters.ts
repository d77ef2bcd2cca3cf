import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { MAX_PATH_PART, PATH_PART_PATTERN } from '../names.js';

type Decorator = MethodDecorator & ClassDecorator;

// Examples are in the schemas: beside one, Nest's decorators drop them. Swagger UI fills its forms with them, so that all
// of a query together select the units of the other examples.

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

/** The parameters of a path like `namespace/:namespace/work_spec/:spec`. */
export function pathParameters(path: string): Decorator[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => {
    const { about, example } = PATH_PARTS[name as PathPart];
    return ApiParam({
      name: name,
      required: true,
      description: name === 'start' ? about : `${about} ${NAME_ENCODING}`,
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: name === 'start' ? 64 : MAX_PATH_PART,
        pattern: name === 'start' ? '^-?[0-9a-z]+[.][0-9a-z]+$' : PATH_PART_PATTERN,
        example,
      },
    });
  });
}

const PREVIOUS = ApiQuery({
  name: 'previous',
  required: false,
  description: 'Only names greater than this one, bytewise; in the encoding of paths.',
  schema: { type: 'string', maxLength: MAX_PATH_PART, example: 'a' },
});

const LIMIT = ApiQuery({
  name: 'limit',
  required: false,
  description: 'At most so many, the first in bytewise order of their names.',
  schema: { type: 'integer', format: 'int64', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, example: 100 },
});

/** The query that selects work units. */
export function unitQuery(statuses: readonly string[] = [...WORK_UNIT_STATUSES, 'any']): Decorator[] {
  return [
    ApiQuery({
      name: 'name',
      required: false,
      style: 'form',
      explode: true,
      description:
        'Only these. The unit with exactly these bytes or, where there is none and it is in the form, the name that it ' +
        'encodes as a path part does.',
      schema: { type: 'array', items: { type: 'string' }, example: ['u1', 'u2'] },
    }),
    ApiQuery({
      name: 'status',
      required: false,
      style: 'form',
      explode: true,
      description: 'Only those in one of these statuses.',
      schema: { type: 'array', items: { type: 'string', enum: [...statuses] }, example: [statuses[0]] },
    }),
    PREVIOUS,
    LIMIT,
  ];
}

export function workerQuery(): Decorator[] {
  return [
    ApiQuery({
      name: 'active',
      required: false,
      description: 'true: only workers that are active now.',
      schema: { type: 'boolean', default: false, example: true },
    }),
    PREVIOUS,
    LIMIT,
  ];
}

export function countsQuery(): Decorator[] {
  return [
    ApiQuery({
      name: 'counts',
      required: false,
      description: 'Whether to count the available and pending units; else both counts are 0.',
      schema: { type: 'boolean', default: false, example: true },
    }),
  ];
}
