import { readFileSync } from 'node:fs';
import type { RightsIn } from 'coordinate-daemon/plugin';

/** What a key is, and what whoever signs with it may do. */
export interface Key {
  readonly secret: string;
  readonly rights: RightsIn;
}

/** Shorter ones can be guessed. */
const LEAST_CHARS = 20;

/**
 * Reads the file of keys, `{"NAME": {"secret": "…", "rights": {"NAMESPACE": ["work"]}}}`.
 * @throws Error, which keeps the daemon from starting
 */
export function keysIn(path: string | undefined): ReadonlyMap<string, Key> {
  if (!path) throw new Error('SIGNED_KEYS must be the file of keys');
  const keys = new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, Partial<Key>>));
  for (const [name, { secret, rights }] of keys) {
    if (typeof secret !== 'string' || secret.length < LEAST_CHARS) {
      throw new Error(`${path}: the secret of ${name} must have at least ${LEAST_CHARS} characters`);
    }
    if (typeof rights !== 'object') throw new Error(`${path}: ${name} has no rights`);
  }
  return keys as ReadonlyMap<string, Key>;
}
