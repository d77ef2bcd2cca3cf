import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import type { Micros } from '../../domain/time.js';
import type { SpecCondition, SummaryRecord } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import type { Gate } from './gate.js';
import { whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import type { NamespaceState } from './namespace-state.js';
import type { SpecState } from './spec-state.js';
import { closedOf } from './spec-state.js';

/** Looking at a spec takes about as long as so many small steps. */
const STEPS_OF_SPEC = 8;

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
    return whenReady(this.store.inOrder(), (namespaces) =>
      this.ofEachSpec(namespaces, mustWait, (spec, namespace, now): SpecCondition[] => {
        const { counts, since } = spec.before ?? spec.condition;
        const oldestAvailable = since === undefined ? undefined : Math.max(0, now - since);
        return [{ namespace, workSpec: spec.definition.name, counts, oldestAvailable }];
      }),
    );
  }

  override summarize(namespace?: string): Awaitable<SummaryRecord[]> {
    const state = namespace === undefined ? undefined : this.store.find(namespace);
    const asked = namespace === undefined ? this.store.inOrder() : state ? [state] : [];
    return whenReady(asked, (namespaces) => this.ofEachSpec(namespaces, () => true, summaryOf));
  }

  /**
   * What there is to say of each spec, by namespace and name: of few at one moment; of very many in slices, each spec at a
   * moment of its own. A busy spec is waited for if it must be.
   */
  private ofEachSpec<T>(
    namespaces: readonly NamespaceState[],
    mustWait: (busy: SpecState) => boolean,
    of: (spec: SpecState, namespace: string, now: Micros) => readonly T[],
  ): Awaitable<T[]> {
    let specs = 0;
    for (const namespace of namespaces) specs += namespace.specs.size;
    if (Math.max(specs, namespaces.length) > this.store.pace.large) return this.ofVeryMany(namespaces, mustWait, of);
    const now = this.store.now();
    const busy: Gate[] = [];
    for (const namespace of namespaces) {
      for (const spec of namespace.specs.values()) if (spec.isBusy(now) && mustWait(spec)) busy.push(spec.gate);
    }
    if (busy.length > 0) return whenOpen(busy, () => this.ofEachSpec(namespaces, mustWait, of));
    return namespaces.flatMap((namespace) => namespace.specsByName().flatMap((spec) => of(spec, namespace.name, now)));
  }

  private async ofVeryMany<T>(
    namespaces: readonly NamespaceState[],
    mustWait: (busy: SpecState) => boolean,
    of: (spec: SpecState, namespace: string, now: Micros) => readonly T[],
  ): Promise<T[]> {
    const slices = this.store.pace.slices();
    const all: T[] = [];
    for (const namespace of namespaces) {
      if (slices.isOver()) await slices.next();
      if (namespace.specs.size === 0) continue;
      for (const spec of namespace.specsByName()) {
        const look = (now: Micros): void => {
          for (const one of of(spec, namespace.name, now)) all.push(one);
        };
        const now = this.store.now();
        // Looked at in its turn: two that looked behind it would each find the other waiting, for ever.
        if (spec.isBusy(now) && mustWait(spec)) await this.store.within(spec, look);
        else look(now);
        if (slices.isOver(STEPS_OF_SPEC)) await slices.next();
      }
    }
    return all;
  }
}

function summaryOf({ definition, work }: SpecState, namespace: string): SummaryRecord[] {
  const counts = work.counts();
  return WORK_UNIT_STATUSES.filter((status) => counts[status] > 0).map((status) => ({
    namespace,
    workSpec: definition.name,
    status,
    count: counts[status],
  }));
}
