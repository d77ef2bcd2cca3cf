import { byteNameOfText, type WorkerPrefix } from '../domain/names.js';
import { isRight, type Right, RIGHTS } from './right.js';

/** Rights in the namespaces of a name, or of all that begin so. */
export type Grant = readonly [namespaces: string, rights: readonly Right[]];

/** What is wrong in what says who somebody is, and where. */
export class Mistake extends Error {}

/** Reads `{NAMESPACE: [RIGHT, …]}`. @param at - where it is, for errors @throws Mistake */
export function grantsOf(at: string, value: unknown): Grant[] {
  return Object.entries(fieldsOf(`${at}.`, value)).map(([namespaces, list]): Grant => [
    namespaces,
    rightsOf(`${at}[${JSON.stringify(namespaces)}]`, namespaces, list),
  ]);
}

/**
 * What the names of a caller's workers begin with. Whoever has more rights than to work could touch units that others hold.
 * @throws Mistake
 */
export function workersOf(at: string, prefix: unknown, grants: readonly Grant[]): WorkerPrefix {
  if (prefix === undefined) return undefined;
  if (typeof prefix !== 'string' || prefix === '') throw new Mistake(`${at} must be a text that is not empty`);
  const more = grants.flatMap(([, rights]) => rights).find((right) => right !== 'read' && right !== 'work');
  if (more !== undefined) {
    throw new Mistake(
      `${at} is for callers with no other rights than read and work: ${more} asks nobody who holds a unit`,
    );
  }
  return byteNameOfText(prefix);
}

/** @param at - where it is, with a dot at the end; '': the whole @param known - what it may have @throws Mistake */
export function fieldsOf(at: string, value: unknown, known?: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mistake(`${at === '' ? 'the file' : at.slice(0, -1)} must be a map`);
  }
  const other = known && Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) throw new Mistake(`${at}${other} is not known, only ${known!.join(', ')}`);
  return value as Record<string, unknown>;
}

function rightsOf(at: string, namespaces: string, list: unknown): Right[] {
  if (namespaces.slice(0, -1).includes('*')) throw new Mistake(`${at}: * may only be the last character`);
  if (!Array.isArray(list)) throw new Mistake(`${at} must be a list of rights`);
  return list.map((right: unknown, index) => {
    if (typeof right !== 'string' || !isRight(right)) {
      throw new Mistake(`${at}[${index}] must be one of ${RIGHTS.join(', ')}`);
    }
    if (right === 'operate' && namespaces !== '*') throw new Mistake(`${at}[${index}]: operate is for "*" only`);
    return right;
  });
}
