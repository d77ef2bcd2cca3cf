import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { compareText } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { SpecCondition, SummaryRecord } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import type { Slices } from '../../timing/slices.js';
import type { Gate } from './gate.js';
import { whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import type { SpecState } from './spec-state.js';
import { closedOf } from './spec-state.js';
import { sortedInSlices } from './sorted-in-slices.js';

export class MemoryNamespaceRepository extends NamespaceRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override list(): Awaitable<string[]> {
    return whenReady(this.store.inOrder(), (namespaces) => namespaces.map(({ name }) => name));
  }

  override ensure(namespace: string): void {
    this.store.ensure(namespace);
  }

  override exists(namespace: string): boolean {
    return this.store.find(namespace) !== undefined;
  }

  override destroy(namespace: string): Awaitable<boolean> {
    const closed = closedOf(this.store.find(namespace)?.specs.values() ?? []);
    if (closed.length > 0) return whenOpen(closed, () => this.destroy(namespace));
    return this.store.destroy(namespace);
  }

  /** While a long change of a spec is under way it stands as it did before. */
  override conditions(): Awaitable<SpecCondition[]> {
    const mustWait = ({ before, gate }: SpecState): boolean => before === undefined && gate.isHeld;
    const looked = this.lookAtSpecs(undefined, mustWait, (spec, now) => {
      const { counts, since } = spec.before ?? spec.condition;
      return { counts, oldestAvailable: since === undefined ? undefined : Math.max(0, now - since) };
    });
    return whenReady(looked, (all) => this.inOrder(all, ({ value, ...place }) => [{ ...place, ...value }]));
  }

  override summarize(namespace?: string): Awaitable<SummaryRecord[]> {
    const looked = this.lookAtSpecs(
      namespace,
      () => true,
      ({ work }) => work.counts(),
    );
    return whenReady(looked, (all) =>
      this.inOrder(all, ({ value: counts, ...place }) =>
        WORK_UNIT_STATUSES.filter((status) => counts[status] > 0).map((status) => ({
          ...place,
          status,
          count: counts[status],
        })),
      ),
    );
  }

  /** Looks at every spec, of one namespace or of all, at the same moment, when none is busy that must be waited for. @param look - takes next to no time */
  private lookAtSpecs<T>(
    namespace: string | undefined,
    mustWait: (busy: SpecState) => boolean,
    look: (spec: SpecState, now: Micros) => T,
  ): Awaitable<Looked<T>[]> {
    const now = this.store.now();
    const busy: Gate[] = [];
    const all: Looked<T>[] = [];
    for (const { name, specs } of this.store.unsorted(namespace)) {
      if (specs.size === 0) continue;
      for (const spec of specs.values()) {
        if (spec.isBusy(now) && mustWait(spec)) busy.push(spec.gate);
        else if (busy.length === 0)
          all.push({ namespace: name, workSpec: spec.definition.name, value: look(spec, now) });
      }
    }
    if (busy.length > 0) return whenOpen(busy, () => this.lookAtSpecs(namespace, mustWait, look));
    return all;
  }

  /** What is said of each spec, by namespace and name; of very many it is put in order in slices. */
  private inOrder<T, S>(looked: Looked<T>[], said: (one: Looked<T>) => readonly S[]): Awaitable<S[]> {
    const { pace } = this.store;
    if (looked.length <= pace.large) return looked.sort(byPlace).flatMap(said);
    return saidInSlices(looked, said, pace.slices());
  }
}

interface Looked<T> {
  readonly namespace: string;
  readonly workSpec: string;
  readonly value: T;
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
