import { namesOverRest } from '../../domain/error-table.js';
import { component } from './schema.js';

const DETAIL = component('ErrorDetail', {
  type: 'object',
  description: 'One thing that is wrong with the request.',
  required: ['field', 'value', 'reason'],
  properties: {
    field: {
      type: 'string',
      description: 'A field of the body, a parameter of the path or query, or a header.',
      example: 'attempts[2].delay',
    },
    value: { type: 'string', description: 'What was sent there, shortened.', example: '-1' },
    reason: { type: 'string', description: 'What is wrong with it.', example: 'must be at least 0' },
  },
});

/** Every answer that is not a success. */
export const ERROR = component('Error', {
  type: 'object',
  description: 'Why a request was refused. Nothing has changed then.',
  required: ['error', 'message'],
  properties: {
    error: {
      type: 'string',
      description: 'A stable name, such as ErrNoSuchWorkSpec, or "error".',
      example: 'ErrNoSuchWorkUnit',
    },
    message: { type: 'string', description: 'For people.', example: 'No such work unit "u1"' },
    value: { type: 'string', description: 'The name that was looked for.', example: 'u1' },
    details: { type: 'array', items: DETAIL, description: 'What is wrong, field by field.' },
  },
  example: { error: 'ErrNoSuchWorkUnit', message: 'No such work unit "u1"', value: 'u1' },
});

interface ErrorKind {
  description: string;
  example: Record<string, unknown>;
}

/** The errors of the model that have a status, in brackets. */
const named = (status: number): string => `(${namesOverRest(status).join(', ')})`;

const plain = (message: string): Record<string, unknown> => ({ error: 'error', message });

/** What each status means, with an example. */
export const ERROR_KINDS: Readonly<Record<number, ErrorKind>> = {
  400: {
    description: `A part of the request is malformed or invalid; \`details\` names it, or \`error\` says it ${named(400)}.`,
    example: {
      ...plain('limit must be a whole number of at least 1'),
      details: [{ field: 'limit', value: '0', reason: 'must be a whole number of at least 1' }],
    },
  },
  401: {
    description: 'Nobody knows who makes the request; see the WWW-Authenticate header.',
    example: plain('sign in first'),
  },
  403: {
    description:
      'The caller does not have the right that this needs; or a page of another site has a browser change something.',
    example: plain('"ci" does not have the right define in the namespace "demo"'),
  },
  404: {
    description: `The work spec or work unit does not exist ${named(404)}.`,
    example: { error: 'ErrNoSuchWorkSpec', message: 'No such work spec "crawl"', value: 'crawl' },
  },
  405: {
    description: 'The path has no such method; see the Allow header.',
    example: plain('PATCH is not allowed here'),
  },
  406: {
    description: 'The Accept header allows none of the types there are.',
    example: plain('there is no answer in text/html'),
  },
  408: { description: 'The request did not arrive in time.', example: plain('the request did not arrive in time') },
  409: {
    description: `The attempt is in a state that does not allow this ${named(409)}.`,
    example: { error: 'ErrNotPending', message: 'Attempt is not pending' },
  },
  410: {
    description: `The attempt, or something above it, no longer exists ${named(410)}.`,
    example: { error: 'ErrGone', message: 'Object no longer exists' },
  },
  413: { description: 'The body is too large.', example: plain('the body is larger than 67108864 bytes') },
  414: { description: 'A part of the path is longer than any name can be.', example: plain('the URL is too long') },
  415: {
    description: 'The body is not JSON, or a browser does not say that it is.',
    example: plain('a body of type text/plain cannot be read'),
  },
  421: {
    description: 'The daemon does not know itself by the name in the Host header; see -allowed-hosts.',
    example: plain('this daemon does not know itself as "jobs.example.com": -allowed-hosts can name it'),
  },
  429: {
    description:
      'More than 100 requests of this connection wait for their answers, its caller makes more than -rate-limit allows, or a token ' +
      'that is not known came too often from its address; see the Retry-After header.',
    example: plain('more than 100 requests of this connection wait for their answers'),
  },
  431: {
    description: 'The request head is larger than 1 MiB.',
    example: plain('the request head is larger than 1 MiB'),
  },
  500: { description: 'A mistake of the server.', example: plain('Internal server error') },
  503: {
    description: 'The storage is out of reach, or there is too much to do; see the Retry-After header.',
    example: plain('Service unavailable'),
  },
  507: {
    description: 'There is no room for more in memory (-max-memory). Work can still be ended and deleted.',
    example: plain('Memory is full: no room for more within the 1024 MiB allowed by -max-memory'),
  },
};

/** What any request may run into. */
export const COMMON_ERRORS = [400, 401, 403, 405, 406, 408, 414, 421, 429, 431, 500, 503, 507] as const;
/** What any request with a body may run into besides. */
export const BODY_ERRORS = [413, 415] as const;
