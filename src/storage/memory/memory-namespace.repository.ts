import type { SpecCondition, SummaryRecord } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import type { MemoryStore } from './memory-store.js';

export class MemoryNamespaceRepository extends NamespaceRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override list(): string[] {
    return this.store.all().map(({ name }) => name);
  }

  override ensure(namespace: string): void {
    this.store.ensure(namespace);
  }

  override exists(namespace: string): boolean {
    return this.store.find(namespace) !== undefined;
  }

  override destroy(namespace: string): boolean {
    return this.store.destroy(namespace);
  }

  override conditions(): SpecCondition[] {
    const now = this.store.now();
    return this.store.all().flatMap((namespace) =>
      namespace.specsByName().map(({ definition, work }) => {
        work.settle(now);
        const since = work.oldestAvailable();
        return {
          namespace: namespace.name,
          workSpec: definition.name,
          counts: work.counts(),
          oldestAvailable: since === undefined ? undefined : Math.max(0, now - since),
        };
      }),
    );
  }

  override summarize(namespace?: string): SummaryRecord[] {
    const now = this.store.now();
    const records: SummaryRecord[] = [];
    for (const state of this.store.all()) {
      if (namespace !== undefined && state.name !== namespace) continue;
      for (const spec of state.specsByName()) {
        spec.work.settle(now);
        const counts = spec.work.counts();
        for (const status of WORK_UNIT_STATUSES) {
          const count = counts[status];
          if (count > 0) records.push({ namespace: state.name, workSpec: spec.definition.name, status, count });
        }
      }
    }
    return records;
  }
}
