import type { Awaitable } from '../../domain/awaitable.js';
import type { Micros } from '../../domain/time.js';
import type { SpecCondition, SummaryRecord } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import type { Gate } from './gate.js';
import { whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import type { SpecState } from './spec-state.js';
import { closedOf } from './spec-state.js';

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

  override destroy(namespace: string): Awaitable<boolean> {
    const closed = closedOf(this.store.find(namespace)?.specs.values() ?? []);
    if (closed.length > 0) return whenOpen(closed, () => this.destroy(namespace));
    return this.store.destroy(namespace);
  }

  /** While a long change of a spec is under way it stands as it did before. */
  override conditions(): Awaitable<SpecCondition[]> {
    const now = this.store.now();
    const settling = this.busy(now, undefined, ({ before, gate }) => before === undefined && gate.isHeld);
    if (settling.length > 0) return whenOpen(settling, () => this.conditions());
    return this.store.all().flatMap((namespace) =>
      namespace.specsByName().map((spec) => {
        const { counts, since } = spec.before ?? spec.condition;
        return {
          namespace: namespace.name,
          workSpec: spec.definition.name,
          counts,
          oldestAvailable: since === undefined ? undefined : Math.max(0, now - since),
        };
      }),
    );
  }

  override summarize(namespace?: string): Awaitable<SummaryRecord[]> {
    const busy = this.busy(this.store.now(), namespace, () => true);
    if (busy.length > 0) return whenOpen(busy, () => this.summarize(namespace));
    const records: SummaryRecord[] = [];
    for (const state of this.store.all()) {
      if (namespace !== undefined && state.name !== namespace) continue;
      for (const { definition, work } of state.specsByName()) {
        const counts = work.counts();
        for (const status of WORK_UNIT_STATUSES) {
          const count = counts[status];
          if (count > 0) records.push({ namespace: state.name, workSpec: definition.name, status, count });
        }
      }
    }
    return records;
  }

  /** The gates of busy specs, of all or of one namespace, that matter. */
  private busy(now: Micros, namespace: string | undefined, matters: (spec: SpecState) => boolean): Gate[] {
    const gates: Gate[] = [];
    for (const state of this.store.all()) {
      if (namespace !== undefined && state.name !== namespace) continue;
      for (const spec of state.specs.values()) if (spec.isBusy(now) && matters(spec)) gates.push(spec.gate);
    }
    return gates;
  }
}
