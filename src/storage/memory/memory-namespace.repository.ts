import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import type { SpecCondition, SummaryRecord } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import { whenOpen } from './gate.js';
import { inOrder, lookAtSpecs, mustWaitForUnknown } from './looking.js';
import type { MemoryStore } from './memory-store.js';
import { closedOf } from './spec-state.js';

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
    const looked = lookAtSpecs(this.store, undefined, mustWaitForUnknown, (spec, now) => {
      const { counts, since } = spec.before ?? spec.condition;
      const oldestAvailable = since === undefined ? undefined : Math.max(0, now - since);
      return { counts, oldestAvailable, limitedUntil: spec.limits?.limitedUntil(now) };
    });
    return whenReady(looked, (all) => inOrder(this.store, all, ({ value, ...place }) => [{ ...place, ...value }]));
  }

  override summarize(namespace?: string): Awaitable<SummaryRecord[]> {
    const looked = lookAtSpecs(
      this.store,
      namespace,
      () => true,
      ({ work }) => work.counts(),
    );
    return whenReady(looked, (all) =>
      inOrder(this.store, all, ({ value: counts, ...place }) =>
        WORK_UNIT_STATUSES.filter((status) => counts[status] > 0).map((status) => ({
          ...place,
          status,
          count: counts[status],
        })),
      ),
    );
  }
}
