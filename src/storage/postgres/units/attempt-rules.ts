import type { AttemptAction, AttemptChange, AttemptStatus } from '../../../domain/attempt.js';
import type { CoordinateError } from '../../../domain/errors.js';
import { LostLeaseError, NotPendingError } from '../../../domain/errors.js';
import type { ByteName } from '../../../domain/names.js';
import type { ReportAnswer, WorkUnitReport } from '../../../domain/report.js';
import { effectOf } from '../../../domain/report.js';
import type { Micros } from '../../../domain/time.js';
import { DEFAULT_LIFETIME, ZERO_TIME } from '../../../domain/time.js';
import type { Outcome } from '../../../domain/transitions.js';
import { outcomeOf, standingOf } from '../../../domain/transitions.js';
import type { EncodedData } from '../../../domain/data.js';
import { attemptOutcome } from '../../../domain/attempt-outcome.js';
import type { SpecHead } from './spec-head.js';
import type { AttemptEnd, PastAttempt, StoredAttempt, UnitImage } from './unit-image.js';

export type ChangeDetails = Pick<AttemptChange, 'data' | 'duration' | 'delay'>;

/** What a change may do besides changing its unit. */
export interface ChangeContext {
  readonly now: Micros;
  readonly spec: SpecHead;
  /** Makes the record of a worker if need be. */
  ensureWorker(name: ByteName): void;
  /** Adds the units that finished data describe to the spec that the present one names as its next. */
  chain(data: EncodedData): void;
}

/**
 * Makes a transition of a unit's latest attempt with all that follows from it.
 * @returns the error that the caller hears; a lost lease comes with data and status stored
 */
export function changeLatest(
  unit: UnitImage,
  action: AttemptAction,
  details: ChangeDetails,
  context: ChangeContext,
): CoordinateError | undefined {
  const attempt = unit.latest!;
  const standing = standingOf(attempt.status, unit.active === attempt, attempt.late);
  const { duration = DEFAULT_LIFETIME } = details;
  const outcome = outcomeOf(action, standing, duration);
  if (outcome.status !== undefined) {
    if (outcome.chains && context.spec.meta.nextWorkSpecName !== '') {
      const data = details.data ?? unit.effectiveData;
      if (data) context.chain(data);
    }
    if (details.data) unit.attemptData = details.data;
    apply(unit, attempt, outcome, details, context.now);
    unit.touch();
  }
  return errorOf(outcome);
}

function apply(
  unit: UnitImage,
  attempt: StoredAttempt,
  { status, unit: effect }: Outcome,
  { duration = DEFAULT_LIFETIME, delay = 0 }: ChangeDetails,
  now: Micros,
): void {
  attempt.late = false;
  if (status === 'pending') {
    attempt.status = 'pending';
    attempt.end = ZERO_TIME;
    attempt.expiration = now + duration;
    unit.hold('pending', attempt.expiration);
    return;
  }
  endAttempt(attempt, status!, now, unit.ends);
  if (effect === 'hold') unit.hold(status === 'finished' ? 'finished' : 'failed', now);
  if (effect === 'release') {
    if (status === 'retryable') unit.notBefore = now + delay;
    unit.release(now);
  }
}

/** One that had ended so before keeps the moment at which it did. */
function endAttempt(
  attempt: StoredAttempt,
  status: Exclude<AttemptStatus, 'pending'>,
  now: Micros,
  ends: AttemptEnd[],
): void {
  if (attempt.status === status) return;
  attempt.end = now;
  attempt.status = status;
  ends.push({ outcome: attemptOutcome(status, now, attempt.expiration), start: attempt.start, end: now });
}

/** Makes a transition of an attempt that others have come after: only the attempt itself can change. */
export function changePast(
  past: PastAttempt,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): CoordinateError | undefined {
  const { attempt } = past;
  const outcome = outcomeOf(action, standingOf(attempt.status, false, false), details.duration ?? DEFAULT_LIFETIME);
  if (outcome.status !== undefined) {
    if (details.data) past.data = details.data;
    if (outcome.status !== 'pending') endAttempt(attempt, outcome.status, now, past.ends);
    past.dirty = true;
  }
  return errorOf(outcome);
}

function errorOf({ error }: Outcome): CoordinateError | undefined {
  if (error === 'ErrNotPending') return new NotPendingError();
  return error === 'ErrLostLease' ? new LostLeaseError() : undefined;
}

/** Starts an attempt of a worker on a unit, whatever its state; its number is given out when the transaction ends. */
export function startAttempt(unit: UnitImage, worker: ByteName, lifetime: Micros, context: ChangeContext): void {
  unit.start(worker, 0, context.now, context.now + lifetime);
  context.ensureWorker(worker);
}

/** Applies a worker's word on a unit, by the unit's present status. */
export function applyReport(unit: UnitImage | undefined, report: WorkUnitReport, context: ChangeContext): ReportAnswer {
  if (!unit) return { changed: false, reason: 'no such work unit' };
  const status = unit.workUnitStatus;
  if (report.worker !== undefined && status === 'pending') {
    const holder = unit.latest!.worker;
    if (holder !== report.worker) return { changed: false, reason: 'held by another', holder };
  }
  const details: ChangeDetails = { data: report.data, duration: report.lifetime };
  const effect = effectOf(status, report.status, report.data !== undefined);
  switch (effect) {
    case 'nothing':
      return { changed: false };
    case 'refuse':
      return { changed: false, reason: 'refused', unit: status };
    case 'keep':
      break;
    case 'replace data':
      unit.put({ data: report.data!, priority: unit.priority, notBefore: unit.notBefore }, context.now);
      break;
    case 'clear':
      unit.clear(context.now);
      break;
    case 'bring home':
      bringHome(unit, report, details, context);
      break;
    default:
      changeLatest(unit, effect, details, context);
  }
  return { changed: true };
}

const HOME = { pending: 'renew', finished: 'finish', failed: 'fail' } as const;

/** The unit's late attempt, unless it is of another worker than the one that reports, else a new one, goes home. */
function bringHome(unit: UnitImage, report: WorkUnitReport, details: ChangeDetails, context: ChangeContext): void {
  const { latest } = unit;
  const reporter = report.worker ?? latest?.worker ?? '';
  if (!latest?.late || reporter !== latest.worker) {
    startAttempt(unit, reporter, Math.max(report.lifetime, 0), context);
  }
  changeLatest(unit, HOME[report.status as keyof typeof HOME], details, context);
}
