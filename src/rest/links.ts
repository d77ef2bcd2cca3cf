import type { AttemptRef } from '../domain/attempt.js';
import { attemptToken } from '../domain/attempt.js';
import type { ByteName } from '../domain/names.js';
import { encodeByteName, encodeTextName } from './names.js';

/**
 * The one place where paths are spelled. Links are absolute paths; clients compare them, so that everything has one
 * spelling. Templates are RFC 6570.
 */

export const NAMESPACES_URL = '/namespace';

/** Template of a query of work units. */
export const UNIT_QUERY = '{?name*,status*,previous,limit}';

export function namespaceUrl(namespace: string): string {
  return `/namespace/${encodeTextName(namespace)}`;
}

export function workSpecUrl(namespace: string, workSpec: string): string {
  return `${namespaceUrl(namespace)}/work_spec/${encodeTextName(workSpec)}`;
}

export function workUnitUrl(specUrl: string, workUnit: ByteName): string {
  return `${specUrl}/work_unit/${encodeByteName(workUnit)}`;
}

export function workerUrl(namespace: string, worker: ByteName): string {
  return `${namespaceUrl(namespace)}/worker/${encodeByteName(worker)}`;
}

export function attemptUrl(unitUrl: string, attempt: AttemptRef): string {
  return `${unitUrl}/attempt/${encodeByteName(attempt.worker)}/${attemptToken(attempt)}`;
}

/** The parts of an attempt's path, percent-decoded but still in the encoding of names. */
interface AttemptPath {
  namespace: string;
  spec: string;
  unit: string;
  worker: string;
  start: string;
}

const ATTEMPT_PATH = /^\/namespace\/([^/]+)\/work_spec\/([^/]+)\/work_unit\/([^/]+)\/attempt\/([^/]+)\/([^/]+)\/?$/;

/** Takes an attempt's canonical path apart; undefined when it is none. */
export function parseAttemptUrl(path: string): AttemptPath | undefined {
  const parts = ATTEMPT_PATH.exec(path);
  if (!parts) return undefined;
  const [, namespace, spec, unit, worker, start] = parts as unknown as [string, string, string, string, string, string];
  return { namespace, spec, unit, worker, start };
}
