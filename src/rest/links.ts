import type { AttemptRef } from '../domain/attempt.js';
import { attemptToken } from '../domain/attempt-token.js';
import type { ByteName } from '../domain/names.js';
import { encodeByteName, encodeTextName } from './names.js';

/**
 * The one place where paths are spelled. Links are absolute paths; clients compare them, so that everything has one
 * spelling. Templates are RFC 6570.
 */

/** A namespace as a request sees it. */
export interface Home {
  readonly name: string;
  /** What the links to all that is in it begin with. */
  readonly url: string;
}

/** @param basePath - what all links of the request begin with */
export function homeIn(basePath: string, namespace: string): Home {
  return { name: namespace, url: `${namespacesUrl(basePath)}/${encodeTextName(namespace)}` };
}

export function namespacesUrl(basePath: string): string {
  return `${basePath}/namespace`;
}

/** Template of a query of work units. */
export const UNIT_QUERY = '{?name*,status*,previous,limit}';

export function workSpecUrl({ url }: Home, workSpec: string): string {
  return `${url}/work_spec/${encodeTextName(workSpec)}`;
}

export function workUnitUrl(specUrl: string, workUnit: ByteName): string {
  return `${specUrl}/work_unit/${encodeByteName(workUnit)}`;
}

export function workerUrl({ url }: Home, worker: ByteName): string {
  return `${url}/worker/${encodeByteName(worker)}`;
}

export function attemptUrl(unitUrl: string, attempt: AttemptRef): string {
  return attemptOf(unitUrl, encodeByteName(attempt.worker), attempt);
}

function attemptOf(unitUrl: string, worker: string, attempt: AttemptRef): string {
  return `${unitUrl}/attempt/${worker}/${attemptToken(attempt)}`;
}

/** The links of many attempts at units of one spec, most of them of one worker. */
export function attemptUrls(specUrl: string): (attempt: AttemptRef) => string {
  let worker: ByteName | undefined;
  let part = '';
  return (attempt) => {
    if (attempt.worker !== worker) {
      worker = attempt.worker;
      part = encodeByteName(worker);
    }
    return attemptOf(workUnitUrl(specUrl, attempt.workUnit), part, attempt);
  };
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
