import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { CannotBecomeContinuousError } from '../../domain/errors.js';
import { refuseCircle } from '../../domain/flow/circles.js';
import { definedSlots } from '../../domain/flow/slot-rules.js';
import { compareText } from '../../domain/names.js';
import type {
  MeasuredSpec,
  WorkSpec,
  WorkSpecDefinition,
  WorkSpecMeta,
  WorkSpecMetaChange,
} from '../../domain/work-spec.js';
import { applyMetaChange } from '../../domain/work-spec.js';
import type { WorkUnitCounts } from '../../domain/work-unit.js';
import { leastIndex } from '../../structures/least-index.js';
import type { WorkSpecWindow } from '../../work-specs/work-spec.repository.js';
import { WorkSpecRepository } from '../../work-specs/work-spec.repository.js';
import { whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import type { NamespaceState } from './namespace-state.js';
import { SPEC_BYTES } from './sizes.js';
import { closedOf, SpecState } from './spec-state.js';
import { noteHeap } from './structures/off-heap.js';

const NO_SLOTS = { schedule: undefined, slots: undefined };

export class MemoryWorkSpecRepository extends WorkSpecRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  /** One that is refused leaves no namespace that was not there. */
  override set(namespace: string, definition: WorkSpecDefinition): void {
    const state = this.store.find(namespace);
    const spec = state?.specs.get(definition.name);
    if (definition.meta.flow?.after) refuseCircleIn(state, definition);
    if (spec) return this.redefineSpec(spec, definition);
    this.store.memory.admit(SPEC_BYTES + definition.data.length);
    const home = state ?? this.store.ensure(namespace);
    const added = new SpecState(home, definition);
    home.addSpec(added);
    this.beginSlots(added, NO_SLOTS);
  }

  override redefine(namespace: string, definition: WorkSpecDefinition): void {
    const spec = this.store.spec(namespace, definition.name);
    if (definition.meta.flow?.after) refuseCircleIn(this.store.find(namespace), definition);
    this.redefineSpec(spec, definition);
  }

  private redefineSpec(spec: SpecState, definition: WorkSpecDefinition): void {
    const growth = definition.data.length - spec.definition.data.length;
    if (growth > 0) this.store.memory.admit(growth);
    const { flow, slots } = spec.definition.meta;
    spec.redefine(definition, this.store.now());
    this.beginSlots(spec, { schedule: flow?.schedule, slots });
    noteHeap(Math.max(growth, 0));
  }

  private beginSlots(spec: SpecState, before: Parameters<typeof definedSlots>[1]): void {
    const schedule = spec.definition.meta.flow?.schedule;
    if (!schedule && !before.slots) return;
    spec.setSlots(definedSlots(schedule, before, this.store.now()));
    this.store.scheduled.changed();
  }

  override find(namespace: string, name: string): WorkSpec | undefined {
    const spec = this.store.find(namespace)?.specs.get(name);
    return spec && copy(spec);
  }

  override missing(namespace: string, names: readonly string[]): string[] {
    const specs = this.store.find(namespace)?.specs;
    return names.filter((name) => !specs?.has(name));
  }

  override list(namespace: string, window: WorkSpecWindow = {}): Awaitable<WorkSpec[]> {
    const state = this.store.find(namespace);
    if (!state) return [];
    const { inOrder } = state;
    if (inOrder) return within(inOrder, window).map(copy);
    // How they are is taken down now, in which order they are shown is found out in slices.
    const now = new Map([...state.specs.values()].map((spec) => [spec, copy(spec)]));
    return state.putInOrder().then((specs) => within(specs, window).map((spec) => now.get(spec)!));
  }

  override measure(namespace: string, window: WorkSpecWindow): Awaitable<MeasuredSpec[]> {
    const state = this.store.find(namespace);
    if (!state) return [];
    return whenReady(state.inOrder ?? state.putInOrder(), (specs) =>
      within(specs, window).map(({ definition: { name, data } }) => ({ name, bytes: data.length })),
    );
  }

  override delete(namespace: string, name: string): Awaitable<boolean> {
    const state = this.store.find(namespace);
    const spec = state?.specs.get(name);
    if (!spec) return false;
    if (spec.gate.isClosed) return whenOpen([spec.gate], () => this.delete(namespace, name));
    state!.dropSpecs([spec]);
    return true;
  }

  override clear(namespace: string): Awaitable<number> {
    const state = this.store.find(namespace);
    const specs = [...(state?.specs.values() ?? [])];
    const closed = closedOf(specs);
    if (closed.length > 0) return whenOpen(closed, () => this.clear(namespace));
    state?.dropSpecs(specs);
    return specs.length;
  }

  override meta(namespace: string, name: string, withCounts: boolean): Awaitable<WorkSpecMeta> {
    if (!withCounts) return { ...this.store.spec(namespace, name).metaAt(this.store.now()) };
    return this.store.at(namespace, name, (spec, now) => ({
      ...spec.metaAt(now),
      availableCount: spec.available,
      pendingCount: spec.pending,
    }));
  }

  override changeMeta(
    namespace: string,
    name: string,
    change: WorkSpecMetaChange,
    { strict = false }: { strict?: boolean } = {},
  ): void {
    const spec = this.store.spec(namespace, name);
    const meta = { ...spec.definition.meta };
    const done = applyMetaChange(meta, change);
    if (strict && !done) throw new CannotBecomeContinuousError();
    spec.setMeta(meta);
  }

  override counts(namespace: string, name: string): Awaitable<WorkUnitCounts> {
    return this.store.at(namespace, name, ({ work }) => work.counts());
  }
}

/** Nothing but itself leads back to one that nobody waits for. */
function refuseCircleIn(state: NamespaceState | undefined, { name, meta }: WorkSpecDefinition): void {
  const specs = state?.followers.of(name) && state.specs;
  refuseCircle(name, meta.flow?.after, (other) => specs?.get(other)?.definition.meta.flow?.after);
}

function within(specs: readonly SpecState[], { start, limit }: WorkSpecWindow): SpecState[] {
  const from = start === undefined ? 0 : placeOf(start, specs);
  return specs.slice(from, limit === undefined ? undefined : from + limit);
}

/** Where the spec of a name is among others in their order, or would be. */
function placeOf(name: string, specs: readonly SpecState[]): number {
  return leastIndex(specs.length, (index) => compareText(specs[index].definition.name, name) >= 0);
}

function copy({ definition }: SpecState): WorkSpec {
  return { ...definition, meta: { ...definition.meta } };
}
