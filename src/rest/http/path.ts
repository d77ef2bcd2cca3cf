import type { FastifyRequest } from 'fastify';
import type { ByteName } from '../../domain/names.js';
import { invalidValue } from '../errors/rest-error.js';
import type { DataForm } from '../json/data.js';
import { type Home, homeIn } from '../links.js';
import { readable, readByteName, readTextName } from '../names.js';
import { ownText } from '../own-text.js';
import type { Query } from './query.js';

/** Reading the path of a request: names, decoded. All throw RestError (400) naming the part that is no name. */

/** A part as it is in the path, decoded from percents. */
export function part(request: FastifyRequest, name: string): string {
  const text = (request.params as Record<string, string | undefined>)[name] ?? '';
  return ownText(text, request.url.length);
}

export function namespaceOf(request: FastifyRequest): string {
  return readTextName('namespace', part(request, 'namespace'));
}

/** A namespace, with the link that a request sees it by. */
export function homeOf({ basePath }: FastifyRequest, namespace: string): Home {
  return homeIn(basePath, namespace);
}

/** The path that a link of an answer leads to here, which a client sends back in a body. */
export function pathOfLink({ basePath }: FastifyRequest, link: string): string {
  return basePath !== '' && link.startsWith(`${basePath}/`) ? link.slice(basePath.length) : link;
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

/** How data are to be shown. @throws RestError (400) */
export function dataFormOf(request: FastifyRequest): DataForm {
  const form = queryOf(request).one('data');
  if (form === undefined || form === 'json' || form === 'cbor') return form;
  throw invalidValue('data', readable(form), 'must be json or cbor');
}

export function queryOf(request: FastifyRequest): Query {
  return request.query as Query;
}
