import type { FastifyRequest } from 'fastify';
import type { ByteName } from '../../domain/names.js';
import { readByteName, readTextName } from '../names.js';
import { ownText } from '../own-text.js';
import type { Query } from './query.js';

/** Reading the path of a request: names, decoded. All throw RestError (400) naming the part that is no name. */

function part(request: FastifyRequest, name: string): string {
  const text = (request.params as Record<string, string | undefined>)[name] ?? '';
  return ownText(text, request.url.length);
}

export function namespaceOf(request: FastifyRequest): string {
  return readTextName('namespace', part(request, 'namespace'));
}

export function workSpecOf(request: FastifyRequest): string {
  return readTextName('spec', part(request, 'spec'));
}

export function workUnitOf(request: FastifyRequest): ByteName {
  return readByteName('unit', part(request, 'unit'));
}

export function workerOf(request: FastifyRequest): ByteName {
  return readByteName('worker', part(request, 'worker'));
}

/** The opaque last part of an attempt's address. */
export function startOf(request: FastifyRequest): string {
  return part(request, 'start');
}

export function queryOf(request: FastifyRequest): Query {
  return request.query as Query;
}
