import type { Attempt, Claim, ClaimRequest } from '../../domain/attempt.js';
import { giveOut } from '../../domain/attempt-rules.js';
import { NO_CLAIM } from '../../domain/attempt.js';
import type { Scheduler } from '../../domain/scheduler/scheduler.js';
import type { Micros } from '../../domain/time.js';
import { afterContinuous } from '../../domain/work-spec.js';
import { EMPTY_DATA } from '../../domain/data.js';
import { bytesBesideData, fitsIn, ownUnits } from '../../domain/claim-rules.js';
import { canRun, namesAsked } from '../../domain/scheduler/eligibility.js';
import { putUnit } from '../../domain/unit-rules.js';
import type { AttemptNumbers } from './attempt-numbers.js';
import { Claimable } from './claimable.js';
import type { Gate } from './gate.js';
import { behind } from './gate.js';
import type { NamespaceState } from './namespace-state.js';
import type { SpecState } from './spec-state.js';
import type { SpecWork } from './spec-work.js';
import type { ByteRef, ByteStore } from './structures/byte-store.js';
import type { WorkerRecord } from './worker-record.js';

/** Data of more bytes are read for a claim when it has been made, in slices. */
const READ_AT_ONCE_BYTES = 128 * 1024;
/** Reading so many bytes takes about as long as another small step. */
const STEP_BYTES = 1024;

/** Specs that a claim might be from, and that are busy: it is to be made when their gates are open. */
export class BusySpecs {
  constructor(readonly gates: readonly Gate[]) {}
}

/**
 * Draws specs until one gives out work or none is left that could. Nothing has changed where it has to wait, and undefined is
 * what it comes to where the claim is to be made anew: units of others have failed, for which other specs may have waited.
 */
export function claim(
  namespace: NamespaceState,
  request: ClaimRequest,
  scheduler: Scheduler,
  now: Micros,
): Claim | Promise<Claim | undefined> | BusySpecs {
  for (;;) {
    const spec = choose(namespace, request, scheduler, now);
    if (spec instanceof BusySpecs) return spec;
    // While the memory is full, who is new is recorded only for work that it gets, so that the work can go on.
    if (!spec && namespace.memory.isFull && !namespace.workers.find(request.worker)) return NO_CLAIM;
    const worker = namespace.workers.ensure(request.worker, now);
    if (spec && Math.min(spec.batchSize(request.units, now), spec.available) > spec.pace.large) {
      const candidates = candidatesFor(namespace, request, now);
      if (candidates instanceof BusySpecs) return candidates;
      return claimInSlices(specsOf(candidates), spec, worker, request, scheduler, now);
    }
    namespace.workers.forgetClaim(worker);
    if (!spec) return NO_CLAIM;
    const ids = claimFrom(spec, worker, request, now);
    // Where it is empty, every unit of the batch had been tried too often.
    if (ids.length > 0) return handOut(spec, worker, ids, now);
  }
}

/** Draws the spec to claim from. @returns undefined: none could give work */
function choose(
  namespace: NamespaceState,
  request: ClaimRequest,
  scheduler: Scheduler,
  now: Micros,
): SpecState | BusySpecs | undefined {
  const { claimables } = namespace;
  if (claimables.pool && !namesAsked(request)) {
    claimables.noteTime(now);
    const drawn = claimables.pool.choose(request, now, scheduler);
    return drawn instanceof Claimable ? drawn.spec : drawn && busySpecs(drawn);
  }
  const candidates = candidatesFor(namespace, request, now);
  if (candidates instanceof BusySpecs) return candidates;
  return (candidates[scheduler.choose(candidates)] as Claimable<SpecState> | undefined)?.spec;
}

function candidatesFor(
  namespace: NamespaceState,
  request: ClaimRequest,
  now: Micros,
): Claimable<SpecState>[] | BusySpecs {
  const { claimables, specs } = namespace;
  const names = namesAsked(request);
  const candidates: Claimable<SpecState>[] = [];
  let busy: Claimable<SpecState>[] | undefined;
  claimables.noteTime(now);
  const asked = names ? claimables.named(names, specs) : claimables.all;
  for (const claimable of asked) {
    if (!claimable) continue;
    // Those that it comes after may have been given leases since, which end before any that it knew of.
    if (claimable.validUntil <= now || claimable.spec.comesAfterOthers) claimable.refresh(now);
    if (claimable.offer === 'nothing' || !canRun(claimable, request)) continue;
    if (claimable.offer === 'busy') (busy ??= []).push(claimable);
    else candidates.push(claimable);
  }
  return busy ? besideBusy(candidates, busy) : candidates;
}

function specsOf(claimables: readonly Claimable<SpecState>[]): SpecState[] {
  return claimables.map(({ spec }) => spec);
}

/** Candidates need not wait for busy specs that could not be chosen before one of them. */
function besideBusy(
  candidates: Claimable<SpecState>[],
  busy: readonly Claimable<SpecState>[],
): Claimable<SpecState>[] | BusySpecs {
  let highest = -Infinity;
  for (const { priority } of candidates) highest = Math.max(highest, priority);
  const before = busy.filter(({ priority }) => priority >= highest);
  return before.length === 0 ? candidates : busySpecs(before);
}

function busySpecs(busy: readonly Claimable<SpecState>[]): BusySpecs {
  return new BusySpecs(busy.map(({ spec }) => spec.gate));
}

/** Starts attempts on the first units of a spec. @returns those to hand out */
function claimFrom(spec: SpecState, worker: WorkerRecord, request: ClaimRequest, now: Micros): number[] {
  if (spec.canStartContinuous(now)) addContinuousUnit(spec, now);
  const { work, definition, numbers } = spec;
  const { maxRetries } = definition.meta;
  const claimed: number[] = [];
  const beside = bytesBeside(spec, request);
  let bytesLeft = request.maxBytes ?? Infinity;
  const size = spec.batchSize(request.units, now);
  for (let left = size; left > 0;) {
    const unit = work.order.best();
    if (unit === 0) break;
    if (beside > 0) {
      const bytes = beside + bytesOf(work, unit);
      if (!fitsIn(bytesLeft, bytes, left === size)) break;
      bytesLeft -= bytes;
    }
    left--;
    const attempt = begin(spec, unit, worker, request.lifetime, maxRetries, numbers, now);
    if (attempt !== 0) claimed.push(attempt);
  }
  spec.limits?.take(claimed.length, now);
  return claimed;
}

/** What each unit counts beside its own bytes. The first fits in any case: for one alone nothing need be counted, 0. */
function bytesBeside({ definition }: SpecState, { units, maxBytes = Infinity }: ClaimRequest): number {
  return units > 1 && maxBytes < Infinity ? bytesBesideData(definition.name) : 0;
}

function bytesOf({ bytes, units }: SpecWork, unit: number): number {
  return bytes.length(units.name(unit)) + dataBytes(bytes, units.data(unit));
}

function dataBytes(bytes: ByteStore, ref: ByteRef): number {
  return ref === 0 ? 1 : bytes.length(ref);
}

/** Gives an available unit to a worker. @returns the attempt; 0 when the unit has been tried too often, and has failed */
function begin(
  spec: SpecState,
  unit: number,
  worker: WorkerRecord,
  lifetime: Micros,
  maxRetries: number,
  numbers: AttemptNumbers,
  now: Micros,
): number {
  const { work } = spec;
  const since = work.units.moment(unit);
  if (!giveOut(work.unit(unit), worker, numbers.next(), lifetime, maxRetries, now, spec.retrying)) return 0;
  spec.observer.claimed(since, now);
  return work.units.latest(unit);
}

function handOut(spec: SpecState, worker: WorkerRecord, ids: number[], now: Micros): Claim | Promise<Claim> {
  const { work, definition } = spec;
  const { table } = work.attempts;
  const given = ids.map((id) => ({ id, number: table.number(id) }));
  spec.workers.gave(worker, { work, attempts: given }, now);
  const { name: workSpec, nameIsBytes } = definition;
  let bytes = 0;
  for (const id of ids) bytes += dataBytes(work.bytes, table.startData(id));
  if (bytes > READ_AT_ONCE_BYTES) return handOutInSlices(spec, ids, now);
  const attempts: Attempt[] = ids.map((id) => work.attempts.read(id, workSpec, now));
  return { workSpec, nameIsBytes, attempts };
}

/** The claim is made; its data are held, so that they can be read later whatever becomes of the units meanwhile. */
async function handOutInSlices({ work, definition, pace }: SpecState, ids: number[], now: Micros): Promise<Claim> {
  const { name: workSpec, nameIsBytes } = definition;
  const refs = ids.map((id) => work.attempts.table.startData(id));
  for (const ref of refs) if (ref !== 0) work.bytes.retain(ref);
  const attempts: Attempt[] = ids.map((id) => ({ ...work.attempts.record(id, workSpec, now), data: EMPTY_DATA }));
  const slices = pace.slices();
  await slices.next();
  for (let i = 0; i < refs.length; i++) {
    const data = work.readData(refs[i]);
    attempts[i].data = data;
    work.dropData(refs[i]);
    if (slices.isOver(1 + data.length / STEP_BYTES)) await slices.next();
  }
  return { workSpec, nameIsBytes, attempts };
}

/**
 * As claim, of very many units, from a spec that has been chosen. All of its units may have been tried too often, and then
 * another spec is chosen after it: so nobody else gets at any candidate before the first unit is to be handed out. What comes
 * after the spec is no candidate: it looks at the spec as it was before, for as long as that is held.
 */
async function claimInSlices(
  candidates: readonly SpecState[],
  first: SpecState,
  worker: WorkerRecord,
  request: ClaimRequest,
  scheduler: Scheduler,
  now: Micros,
): Promise<Claim | undefined> {
  worker.claiming++;
  try {
    return await behind(candidates, async (open) => {
      let left = candidates;
      for (let spec: SpecState | undefined = first; spec; spec = left[scheduler.choose(left)]) {
        const chosen = spec;
        const claim = await claimFromInSlices(chosen, worker, request, now, () => {
          for (const other of candidates) if (other !== chosen) open(other);
        });
        if (claim) return claim;
        left = left.filter((one) => one.isHandedOut && one.hasWork(now));
      }
      return undefined;
    });
  } finally {
    worker.claiming--;
  }
}

/** @param isSure - is called when it is sure that there is a unit to hand out. @returns undefined when there was none */
async function claimFromInSlices(
  spec: SpecState,
  worker: WorkerRecord,
  request: ClaimRequest,
  now: Micros,
  isSure: () => void,
): Promise<Claim | undefined> {
  if (spec.canStartContinuous(now)) addContinuousUnit(spec, now);
  const { work, definition } = spec;
  const { name: workSpec, nameIsBytes } = definition;
  const { maxRetries } = definition.meta;
  const slices = spec.pace.slices();
  const given: { id: number; number: number }[] = [];
  const attempts: Attempt[] = [];
  const beside = bytesBeside(spec, request);
  let bytesLeft = request.maxBytes ?? Infinity;
  const size = Math.min(spec.batchSize(request.units, now), spec.available);
  const numbers = spec.numbers.block(size);
  for (let left = size; left > 0;) {
    const unit = work.order.best();
    if (unit === 0) break;
    const bytes = beside + bytesOf(work, unit);
    if (beside > 0 && !fitsIn(bytesLeft, bytes, left === size)) break;
    bytesLeft -= bytes;
    left--;
    const id = begin(spec, unit, worker, request.lifetime, maxRetries, numbers, now);
    if (id !== 0) {
      if (given.length === 0) isSure();
      given.push({ id, number: work.attempts.table.number(id) });
      attempts.push(work.attempts.read(id, workSpec, now));
    }
    if (slices.isOver(id === 0 ? 1 : 1 + bytes / STEP_BYTES)) await slices.next();
  }
  if (given.length === 0) return undefined;
  spec.limits?.take(given.length, now);
  spec.workers.gave(worker, { work, attempts: given }, now);
  return { workSpec, nameIsBytes, attempts };
}

/** Makes the unit that a continuous spec without work gives itself, named by the first free millisecond. */
function addContinuousUnit(spec: SpecState, now: Micros): void {
  const { work, definition } = spec;
  for (const unit of ownUnits(now)) {
    if (work.idOf(unit.name) !== 0) continue;
    putUnit(work, unit, now);
    break;
  }
  spec.setMeta(afterContinuous(definition.meta, now));
}
