import { CannotBecomeContinuousError } from '../../domain/errors.js';
import { compareText } from '../../domain/names.js';
import type { WorkSpec, WorkSpecDefinition, WorkSpecMeta, WorkSpecMetaChange } from '../../domain/work-spec.js';
import { applyMetaChange } from '../../domain/work-spec.js';
import type { WorkUnitCounts } from '../../domain/work-unit.js';
import type { WorkSpecWindow } from '../../work-specs/work-spec.repository.js';
import { WorkSpecRepository } from '../../work-specs/work-spec.repository.js';
import type { MemoryStore } from './memory-store.js';
import { SpecState } from './spec-state.js';

export class MemoryWorkSpecRepository extends WorkSpecRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override set(namespace: string, definition: WorkSpecDefinition): void {
    const state = this.store.ensure(namespace);
    const spec = state.specs.get(definition.name);
    if (spec) spec.redefine(definition);
    else state.specs.set(definition.name, new SpecState(state, definition));
  }

  override redefine(namespace: string, definition: WorkSpecDefinition): void {
    this.spec(namespace, definition.name).redefine(definition);
  }

  override find(namespace: string, name: string): WorkSpec | undefined {
    const spec = this.store.find(namespace)?.specs.get(name);
    return spec && copy(spec);
  }

  override missing(namespace: string, names: readonly string[]): string[] {
    const specs = this.store.find(namespace)?.specs;
    return names.filter((name) => !specs?.has(name));
  }

  override list(namespace: string, { start, limit }: WorkSpecWindow = {}): WorkSpec[] {
    const specs = this.store.find(namespace)?.specsByName() ?? [];
    return specs
      .filter(({ definition }) => start === undefined || compareText(definition.name, start) >= 0)
      .slice(0, limit)
      .map(copy);
  }

  override delete(namespace: string, name: string): boolean {
    const state = this.store.find(namespace);
    const spec = state?.specs.get(name);
    if (!spec) return false;
    state!.dropSpec(spec);
    return true;
  }

  override clear(namespace: string): number {
    const state = this.store.find(namespace);
    const specs = [...(state?.specs.values() ?? [])];
    for (const spec of specs) state!.dropSpec(spec);
    return specs.length;
  }

  override meta(namespace: string, name: string, withCounts: boolean): WorkSpecMeta {
    const now = this.store.now();
    const spec = this.store.spec(namespace, name, now);
    const meta = { ...spec.metaAt(now) };
    if (withCounts) {
      meta.availableCount = spec.available;
      meta.pendingCount = spec.pending;
    }
    return meta;
  }

  override changeMeta(
    namespace: string,
    name: string,
    change: WorkSpecMetaChange,
    { strict = false }: { strict?: boolean } = {},
  ): void {
    const { definition } = this.spec(namespace, name);
    const meta = { ...definition.meta };
    const done = applyMetaChange(meta, change);
    if (strict && !done) throw new CannotBecomeContinuousError();
    definition.meta = meta;
  }

  override counts(namespace: string, name: string): WorkUnitCounts {
    return this.spec(namespace, name).work.counts();
  }

  private spec(namespace: string, name: string): SpecState {
    return this.store.spec(namespace, name, this.store.now());
  }
}

function copy({ definition }: SpecState): WorkSpec {
  return { ...definition, meta: { ...definition.meta } };
}
