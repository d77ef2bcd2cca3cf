import { definedSlots } from './schedules.js';
import type { RefMeta, RefSpec, SpecFields } from './state.js';
import { NEVER } from './state.js';
import { fullAtWithRate } from './rate.js';
import type { RefWorld } from './world.js';
import { Refused } from './world.js';

/** What a definition means for the control values; the next continuous unit is no business of it. */
function metaOf(fields: SpecFields): Omit<RefMeta, 'nextContinuous' | 'lastContinuous'> {
  const continuous = fields.continuous ?? false;
  return {
    priority: fields.priority ?? 0,
    weight: fields.weight ?? 20,
    paused: fields.disabled ?? false,
    continuous,
    canBeContinuous: continuous,
    minMemoryGb: fields.min_gb ?? 0,
    intervalNs: BigInt((fields.interval ?? 0) * 1e9),
    maxRunning: fields.max_running ?? 0,
    maxAttemptsReturned: fields.max_getwork ?? 0,
    maxRetries: fields.max_retries ?? 0,
    nextWorkSpecName: fields.then ?? '',
    runtime: fields.runtime ?? '',
  };
}

export function setSpec(world: RefWorld, namespace: string, name: string, fields: SpecFields): void {
  if (fields.flow?.schedule && fields.continuous) throw new Refused('invalid flow.schedule');
  if (waitsForItself(world, namespace, name, fields)) throw new Refused('invalid flow.after');
  const { specs } = world.ensureNamespace(namespace);
  const known = specs.find((spec) => spec.name === name);
  if (!known)
    specs.push({
      name,
      fields,
      meta: { ...metaOf(fields), nextContinuous: NEVER, lastContinuous: NEVER },
      units: [],
      fullAt: NEVER,
      slots: definedSlots(undefined, fields, world.now),
    });
  else {
    known.slots = definedSlots(known, fields, world.now);
    known.fullAt = fullAtWithRate(known, fields.flow?.rate_limit, world.now);
    const { nextContinuous, lastContinuous } = known.meta;
    Object.assign(known, { fields, meta: { ...metaOf(fields), nextContinuous, lastContinuous } });
  }
}

/** Whether a spec would come after itself, by others or at once, if it were defined so. */
function waitsForItself(world: RefWorld, namespace: string, name: string, fields: SpecFields): boolean {
  const specs = world.namespace(namespace)?.specs ?? [];
  const before = new Set(fields.flow?.after);
  for (let size = -1; size !== before.size;) {
    size = before.size;
    for (const spec of specs)
      if (before.has(spec.name)) for (const one of spec.fields.flow?.after ?? []) before.add(one);
  }
  return before.has(name);
}

export type MetaChange = Partial<
  Pick<
    RefMeta,
    | 'priority'
    | 'weight'
    | 'paused'
    | 'continuous'
    | 'minMemoryGb'
    | 'intervalNs'
    | 'nextContinuous'
    | 'maxRunning'
    | 'maxAttemptsReturned'
    | 'maxRetries'
  >
>;

export function changeMeta(spec: RefSpec, change: MetaChange, strict: boolean): void {
  const impossible = change.continuous === true && !spec.meta.canBeContinuous;
  if (impossible && strict) throw new Refused('ErrCannotBecomeContinuous');
  const { continuous = spec.meta.continuous } = change;
  if (change.nextContinuous !== undefined) spec.meta.lastContinuous = NEVER;
  Object.assign(spec.meta, change, { continuous: impossible ? spec.meta.continuous : continuous });
}
