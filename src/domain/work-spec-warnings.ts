import type { CborValue } from '../cbor/index.js';
import type { CborMap } from '../cbor/index.js';
import { nearMiss } from './near-miss.js';
import { MOST_WARNINGS, type Warning } from './warning.js';
import { numberOf, textOf } from './loose-values.js';
import { controlEntries } from './work-spec.js';
import type { EncodedData } from './data.js';

type Kind = 'number' | 'flag' | 'text' | 'flow';

/** The keys of a definition that mean something here, and what they are. */
const KINDS: Readonly<Record<string, Kind>> = {
  name: 'text',
  priority: 'number',
  weight: 'number',
  nice: 'number',
  disabled: 'flag',
  continuous: 'flag',
  min_gb: 'number',
  interval: 'number',
  max_running: 'number',
  max_getwork: 'number',
  max_retries: 'number',
  then: 'text',
  runtime: 'text',
  flow: 'flow',
};
const KNOWN = Object.keys(KINDS);

/** Keys that historic definitions have for their workers. */
const FOR_WORKERS: ReadonlySet<string> = new Set([
  'config',
  'desc',
  'exec_program',
  'max_gb',
  'module',
  'run_function',
  'run_params',
  'task',
  'terminate_function',
  'then_preempts',
]);

/** Of a large definition no more keys are looked at for whether they are mistyped. */
const MOST_KEYS = 1_000;

const WANTED: Readonly<Record<Exclude<Kind, 'flow'>, string>> = {
  number: 'must be a number',
  flag: 'must be true or false',
  text: 'must be a string',
};

/** What becomes of a number below 0, where that is not what it says. */
const BELOW_ZERO: Readonly<Record<string, string>> = {
  weight: 'counts as 1',
  min_gb: 'counts as none',
  interval: 'counts as 0',
  max_running: 'counts as no limit',
  max_getwork: 'counts as no limit',
  max_retries: 'counts as no limit',
};

/**
 * What in a definition is probably not as its user meant it: a value that is ignored since it is of the wrong type, a key
 * that is nearly one that means something, a limit below 0. Other keys may mean anything to the workers. In steps, each of
 * which tells how many small ones it was.
 *
 * @param data - a dictionary
 */
export function* findingWarnings(data: EncodedData): Generator<number, Warning[]> {
  const definition = yield* controlEntries(data, MOST_KEYS);
  if (!definition) return [];
  const warnings: Warning[] = [];
  for (const [name] of definition.entries) {
    yield 1;
    const key = textOf(name);
    if (key === undefined) continue;
    // Of a key that is there twice, `get` finds the one that counts.
    const reason = KNOWN.includes(key) ? aboutValue(key, definition.get(key)) : aboutKey(key, definition);
    if (reason !== undefined && warnings.length < MOST_WARNINGS) warnings.push({ key, reason });
  }
  return warnings;
}

function aboutKey(key: string, definition: CborMap): string | undefined {
  if (FOR_WORKERS.has(key)) return undefined;
  const meant = nearMiss(key, KNOWN);
  // Whoever has the right key as well means something else by this one.
  if (meant === undefined || definition.has(meant)) return undefined;
  return `is no control value and is kept for the workers only, did you mean ${meant}?`;
}

function aboutValue(key: string, value: CborValue): string | undefined {
  const kind = KINDS[key];
  // A flow that was not understood would not have been set.
  if (value === null || value === undefined || kind === 'flow') return undefined;
  const number = numberOf(value);
  const fits = kind === 'text' ? textOf(value) !== undefined : number !== undefined || isFlag(kind, value);
  if (!fits) return `${WANTED[kind]}, and is ignored`;
  if (number !== undefined && number < 0 && key in BELOW_ZERO) return `is below 0, which ${BELOW_ZERO[key]}`;
  return undefined;
}

function isFlag(kind: Kind, value: CborValue): boolean {
  return kind === 'flag' && typeof value === 'boolean';
}
