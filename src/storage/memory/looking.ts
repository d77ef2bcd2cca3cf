import type { Awaitable } from '../../domain/awaitable.js';
import { compareText } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { nameKey } from '../../structures/name-key.js';
import type { Slices } from '../../timing/slices.js';
import type { Gate } from './gate.js';
import { whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';
import type { SpecState } from './spec-state.js';

/** To look at a spec takes as long as so many small steps. */
const STEPS_PER_LOOK = 8;

/** What was seen of a spec. */
export interface Looked<T> {
  readonly namespace: string;
  readonly workSpec: string;
  readonly value: T;
}

/** For who can tell how a spec stood before a long change of it that is under way. */
export const mustWaitForUnknown = ({ before, gate }: SpecState): boolean => before === undefined && gate.isHeld;

/**
 * Looks at every spec, of one namespace or of all, at the same moment, when none is busy that must be waited for. At very many it
 * looks in slices, at each when it comes to it.
 * @param look - takes next to no time
 */
export function lookAtSpecs<T>(
  store: MemoryStore,
  namespace: string | undefined,
  mustWait: (busy: SpecState) => boolean,
  look: (spec: SpecState, now: Micros) => T,
): Awaitable<Looked<T>[]> {
  const now = store.now();
  const busy: Gate[] = [];
  const all: Looked<T>[] = [];
  let left = store.pace.large;
  for (const { name, specs } of store.unsorted(namespace)) {
    left -= 1 + specs.size;
    if (left < 0) return lookInSlices(store, namespace, mustWait, look);
    for (const spec of specs.values()) {
      if (spec.isBusy(now) && mustWait(spec)) busy.push(spec.gate);
      else if (busy.length === 0) all.push({ namespace: name, workSpec: spec.definition.name, value: look(spec, now) });
    }
  }
  if (busy.length > 0) return whenOpen(busy, () => lookAtSpecs(store, namespace, mustWait, look));
  return all;
}

async function lookInSlices<T>(
  store: MemoryStore,
  namespace: string | undefined,
  mustWait: (busy: SpecState) => boolean,
  look: (spec: SpecState, now: Micros) => T,
): Promise<Looked<T>[]> {
  const slices = store.pace.slices();
  const lookAnew = (spec: SpecState): T => {
    const now = store.now();
    // What has run out by now takes effect.
    spec.isBusy(now);
    return look(spec, now);
  };
  // One that is deleted and made anew meanwhile is seen twice: the last one counts.
  const all = new Map<string, Looked<T>>();
  // A namespace may be seen twice where others come meanwhile.
  const seen = new Set<ReadonlyMap<string, SpecState>>();
  for (const { name, specs } of store.unsorted(namespace)) {
    if (slices.isOver()) await slices.next();
    if (specs.size === 0 || seen.has(specs)) continue;
    seen.add(specs);
    for (const spec of specs.values()) {
      const workSpec = spec.definition.name;
      const now = store.now();
      const isAwaited = spec.isBusy(now) && mustWait(spec);
      const value = isAwaited ? await whenOpen([spec.gate], () => lookAnew(spec)) : look(spec, now);
      all.set(nameKey(name, workSpec), { namespace: name, workSpec, value });
      if (slices.isOver(STEPS_PER_LOOK)) await slices.next();
    }
  }
  return [...all.values()];
}

/** What is said of each spec, by namespace and name; of very many it is put in order in slices. */
export function inOrder<T, S>(
  { pace }: MemoryStore,
  looked: Looked<T>[],
  said: (one: Looked<T>) => readonly S[],
): Awaitable<S[]> {
  if (looked.length <= pace.large) return looked.sort(byPlace).flatMap(said);
  return saidInSlices(looked, said, pace.slices());
}

function byPlace(a: Looked<unknown>, b: Looked<unknown>): number {
  return compareText(a.namespace, b.namespace) || compareText(a.workSpec, b.workSpec);
}

async function saidInSlices<T, S>(
  looked: readonly Looked<T>[],
  said: (one: Looked<T>) => readonly S[],
  slices: Slices,
): Promise<S[]> {
  const all: S[] = [];
  for (const one of await sortedInSlices(looked, byPlace, slices)) {
    all.push(...said(one));
    if (slices.isOver()) await slices.next();
  }
  return all;
}
