import type { ByteName } from '../../../domain/names.js';
import { nameKey } from '../../../structures/name-key.js';

// What transactions lock, by names that tell it apart from all else.

/** That a namespace stays. */
export const namespaceThing = (namespace: string): string => nameKey('namespace', namespace);

export const specThing = (namespace: string, workSpec: string): string => nameKey('spec', namespace, workSpec);

export const unitThing = (namespace: string, workSpec: string, workUnit: ByteName): string =>
  nameKey('unit', namespace, workSpec, workUnit);

export const workerThing = (namespace: string, worker: ByteName): string => nameKey('worker', namespace, worker);

/** That locks are taken, and parents of workers made, by one transaction at a time in a namespace. */
export const locksThing = (namespace: string): string => nameKey('locks', namespace);

/** What clients have locked in a namespace. */
export const lockedThing = (namespace: string): string => nameKey('locked', namespace);

/** That work specs of a namespace are made and deleted by one transaction at a time. */
export const specsThing = (namespace: string): string => nameKey('specs', namespace);

/** That a namespace is destroyed by one transaction at a time. */
export const destroyingThing = (namespace: string): string => nameKey('destroy', namespace);

export const sessionThing = (hash: string): string => nameKey('session', hash);
