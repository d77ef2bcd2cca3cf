import type { Attempt, Claim, ClaimRequest } from '../../domain/attempt.js';
import { NO_CLAIM } from '../../domain/attempt.js';
import type { Scheduler } from '../../domain/scheduler.js';
import type { Micros } from '../../domain/time.js';
import { MILLISECOND, ZERO_TIME } from '../../domain/time.js';
import { EMPTY_DATA } from '../../domain/work-unit.js';
import { continuousName, TOO_MANY_RETRIES } from '../../domain/claim-rules.js';
import type { NamespaceState } from './namespace-state.js';
import type { SpecState } from './spec-state.js';
import { FAILED, PENDING } from './unit-table.js';
import type { WorkerRecord } from './worker-record.js';

/** Draws specs until one gives out work or none is left that could. */
export function claim(namespace: NamespaceState, request: ClaimRequest, scheduler: Scheduler, now: Micros): Claim {
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
  for (let left = spec.batchSize(request.units); left > 0;) {
    const unit = work.order.best();
    if (unit === 0) break;
    if (work.units.notBefore(unit) > now) {
      work.release(unit, now); // the clock was put back
      continue;
    }
    left--;
    const tooOften = maxRetries > 0 && work.units.tries(unit) >= maxRetries;
    const expiration = now + request.lifetime;
    const since = work.units.moment(unit);
    const attempt = work.attempts.start(unit, worker, spec.nextAttemptNumber(), now, expiration);
    if (tooOften) {
      work.attempts.setOwnData(attempt, TOO_MANY_RETRIES);
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

function handOut(spec: SpecState, worker: WorkerRecord, ids: number[], now: Micros): Claim {
  const { work, definition } = spec;
  const { table } = work.attempts;
  worker.lastClaim = now;
  worker.latestClaim = { work, attempts: ids.map((id) => ({ id, number: table.number(id) })) };
  const attempts: Attempt[] = ids.map((id) => work.attempts.read(id, definition.name, now));
  return { workSpec: definition.name, nameIsBytes: definition.nameIsBytes, attempts };
}

/** Makes the unit that a continuous spec without work gives itself, named by the first free millisecond. */
function addContinuousUnit(spec: SpecState, now: Micros): void {
  const { work, definition } = spec;
  let millisecond = Math.floor(now / MILLISECOND);
  let name = continuousName(millisecond);
  while (work.find(name) !== 0) name = continuousName(++millisecond);
  work.put({ name, data: EMPTY_DATA, priority: 0, notBefore: ZERO_TIME }, now);
  definition.meta.nextContinuous = now + Math.ceil(definition.meta.intervalNs / 1000);
}
