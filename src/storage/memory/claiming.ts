import type { Attempt, Claim, ClaimRequest } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { NO_CLAIM } from '../../domain/attempt.js';
import type { Scheduler } from '../../domain/scheduler.js';
import type { Micros } from '../../domain/time.js';
import { MILLISECOND, ZERO_TIME } from '../../domain/time.js';
import { afterContinuous } from '../../domain/work-spec.js';
import { EMPTY_DATA } from '../../domain/work-unit.js';
import { bytesBesideData, continuousName, tooManyRetries } from '../../domain/claim-rules.js';
import { Slices } from '../../timing/slices.js';
import type { NamespaceState } from './namespace-state.js';
import type { SpecState } from './spec-state.js';
import type { ByteRef, ByteStore } from './structures/byte-store.js';
import { FAILED, PENDING } from './unit-table.js';
import type { WorkerRecord } from './worker-record.js';

/** Data of more bytes are read for a claim when it has been made, in slices. */
const READ_AT_ONCE_BYTES = 128 * 1024;
/** Reading so many bytes takes about as long as another small step. */
const STEP_BYTES = 1024;

/** Draws specs until one gives out work or none is left that could. What it gives out is claimed when this returns. */
export function claim(
  namespace: NamespaceState,
  request: ClaimRequest,
  scheduler: Scheduler,
  now: Micros,
): Awaitable<Claim> {
  const worker = namespace.workers.ensure(request.worker, now);
  worker.latestClaim = undefined;
  for (;;) {
    const candidates = candidatesFor(namespace, request, now);
    const spec = candidates[scheduler.choose(candidates)];
    if (!spec) return NO_CLAIM;
    const ids = claimFrom(spec, worker, request, now);
    if (ids.length === 0) continue; // every unit of the batch had been tried too often
    return handOut(spec, worker, ids, now);
  }
}

function candidatesFor(namespace: NamespaceState, request: ClaimRequest, now: Micros): SpecState[] {
  const { workSpecs, runtimes, availableGb = 0 } = request;
  const candidates: SpecState[] = [];
  for (const spec of namespace.specs.values()) {
    if (workSpecs?.length && !workSpecs.includes(spec.definition.name)) continue;
    if (runtimes?.length && !runtimes.includes(spec.definition.meta.runtime)) continue;
    spec.work.settle(now);
    if (spec.canGiveWork(now, availableGb)) candidates.push(spec);
  }
  return candidates;
}

/** Starts attempts on the first units of a spec. @returns those to hand out */
function claimFrom(spec: SpecState, worker: WorkerRecord, request: ClaimRequest, now: Micros): number[] {
  if (spec.canStartContinuous(now)) addContinuousUnit(spec, now);
  const { work, definition } = spec;
  const { maxRetries } = definition.meta;
  const claimed: number[] = [];
  const { maxBytes = Infinity } = request;
  // The first fits in any case: nothing need be counted for one alone.
  const beside = request.units > 1 && maxBytes < Infinity ? bytesBesideData(definition.name) : 0;
  let bytesLeft = maxBytes;
  for (let left = spec.batchSize(request.units); left > 0;) {
    const unit = work.order.best();
    if (unit === 0) break;
    if (work.units.notBefore(unit) > now) {
      work.release(unit, now); // the clock was put back
      continue;
    }
    if (beside > 0) {
      const bytes = beside + work.bytes.length(work.units.name(unit)) + dataBytes(work.bytes, work.units.data(unit));
      if (bytes > bytesLeft && claimed.length > 0) break;
      bytesLeft -= bytes;
    }
    left--;
    const tooOften = maxRetries > 0 && work.units.tries(unit) >= maxRetries;
    const expiration = now + request.lifetime;
    const since = work.units.moment(unit);
    const refusal = tooOften ? tooManyRetries(work.attempts.dataOf(work.units.latest(unit))) : undefined;
    const attempt = work.attempts.start(unit, worker, spec.nextAttemptNumber(), now, expiration);
    if (refusal) {
      work.attempts.setOwnData(attempt, refusal);
      work.attempts.end(attempt, 'failed', now);
      work.hold(unit, attempt, FAILED, now);
      spec.observer.ended('failed', now, now);
    } else {
      work.hold(unit, attempt, PENDING, expiration);
      spec.observer.claimed(since, now);
      claimed.push(attempt);
    }
  }
  return claimed;
}

function dataBytes(bytes: ByteStore, ref: ByteRef): number {
  return ref === 0 ? 1 : bytes.length(ref);
}

function handOut(spec: SpecState, worker: WorkerRecord, ids: number[], now: Micros): Awaitable<Claim> {
  const { work, definition } = spec;
  const { table } = work.attempts;
  worker.lastClaim = now;
  worker.latestClaim = { work, attempts: ids.map((id) => ({ id, number: table.number(id) })) };
  const { name: workSpec, nameIsBytes } = definition;
  let bytes = 0;
  for (const id of ids) bytes += dataBytes(work.bytes, table.startData(id));
  if (bytes > READ_AT_ONCE_BYTES) return handOutInSlices(spec, ids, now);
  const attempts: Attempt[] = ids.map((id) => work.attempts.read(id, workSpec, now));
  return { workSpec, nameIsBytes, attempts };
}

/** The claim is made; its data are held, so that they can be read later whatever becomes of the units meanwhile. */
async function handOutInSlices({ work, definition }: SpecState, ids: number[], now: Micros): Promise<Claim> {
  const { name: workSpec, nameIsBytes } = definition;
  const refs = ids.map((id) => work.attempts.table.startData(id));
  for (const ref of refs) if (ref !== 0) work.bytes.retain(ref);
  const attempts: Attempt[] = ids.map((id) => ({ ...work.attempts.record(id, workSpec, now), data: EMPTY_DATA }));
  const slices = new Slices();
  await slices.next();
  for (let i = 0; i < refs.length; i++) {
    const data = work.readData(refs[i]);
    attempts[i].data = data;
    work.dropData(refs[i]);
    if (slices.isOver(1 + data.length / STEP_BYTES)) await slices.next();
  }
  return { workSpec, nameIsBytes, attempts };
}

/** Makes the unit that a continuous spec without work gives itself, named by the first free millisecond. */
function addContinuousUnit(spec: SpecState, now: Micros): void {
  const { work, definition } = spec;
  let millisecond = Math.floor(now / MILLISECOND);
  let name = continuousName(millisecond);
  while (work.find(name) !== 0) name = continuousName(++millisecond);
  work.put({ name, data: EMPTY_DATA, priority: 0, notBefore: ZERO_TIME }, now);
  definition.meta = afterContinuous(definition.meta, now);
}
