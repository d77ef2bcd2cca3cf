import type { CborValue } from '../../cbor/index.js';
import { InvalidValueError } from '../errors.js';
import { checkTextName } from '../names.js';
import { textsIn } from './strict-fields.js';

/** The names of work specs that a spec waits for: it is not handed out while one of them has a unit to be done. */
export type After = readonly string[];

const MOST_NAMES = 100;

/** A list of names, each of which counts once. @returns undefined where it is empty @throws InvalidValueError */
export function parseAfter(value: CborValue, path: string): After | undefined {
  const names = new Set(textsIn(value, path));
  if (names.size > MOST_NAMES) throw new InvalidValueError(path, `must have ${MOST_NAMES} names at most`);
  for (const name of names) {
    if (name === '') throw new InvalidValueError(path, 'must not have an empty name');
    checkTextName(path, name);
  }
  return names.size === 0 ? undefined : Object.freeze([...names]);
}
