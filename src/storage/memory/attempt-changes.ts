import type { AttemptAction, AttemptChange, AttemptRef } from '../../domain/attempt.js';
import { LostLeaseError, NotPendingError } from '../../domain/errors.js';
import type { ReportAnswer, WorkUnitReport } from '../../domain/report.js';
import { effectOf } from '../../domain/report.js';
import type { Micros } from '../../domain/time.js';
import { DEFAULT_LIFETIME } from '../../domain/time.js';
import type { Outcome, Standing } from '../../domain/transitions.js';
import { outcomeOf, standingOf } from '../../domain/transitions.js';
import type { EncodedData } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { attemptOutcome } from '../storage-observer.js';
import type { SpecState } from './spec-state.js';
import { FAILED, FINISHED, PENDING } from './unit-table.js';

export type ChangeDetails = Pick<AttemptChange, 'data' | 'duration' | 'delay'>;

/**
 * Makes a transition of an attempt with all that follows from it. What can throw comes before the first change of state.
 * @throws NotPendingError (nothing has changed), LostLeaseError (the data are stored and the attempt is expired)
 */
export function changeAttempt(
  spec: SpecState,
  attempt: number,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): void {
  const { attempts, units } = spec.work;
  const isHeld = units.active(attempts.table.unit(attempt)) === attempt;
  const standing = standingOf(attempts.statusNow(attempt, now), isHeld, attempts.table.late(attempt));
  changeFrom(spec, attempt, standing, action, details, now);
}

function changeFrom(
  spec: SpecState,
  attempt: number,
  standing: Standing,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): void {
  const { attempts } = spec.work;
  const { duration = DEFAULT_LIFETIME } = details;
  const outcome = outcomeOf(action, standing, duration);
  if (outcome.status !== undefined) {
    const chain = outcome.chains ? spec.prepareChain(effectiveData(spec, attempt, details.data), now) : undefined;
    if (details.data) attempts.setOwnData(attempt, details.data);
    apply(spec, attempts.table.unit(attempt), attempt, outcome, details, now);
    chain?.();
  }
  if (outcome.error === 'ErrNotPending') throw new NotPendingError();
  if (outcome.error === 'ErrLostLease') throw new LostLeaseError();
}

function apply(
  { work, observer }: SpecState,
  unit: number,
  attempt: number,
  { status, unit: effect }: Outcome,
  { duration = DEFAULT_LIFETIME, delay = 0 }: ChangeDetails,
  now: Micros,
): void {
  if (status === 'pending') {
    work.attempts.renew(attempt, now + duration);
    work.hold(unit, attempt, PENDING, now + duration);
    return;
  }
  const { table } = work.attempts;
  if (table.status(attempt) !== status) {
    observer.ended(attemptOutcome(status!, now, table.expiration(attempt)), table.start(attempt), now);
  }
  work.attempts.end(attempt, status!, now);
  if (effect === 'hold') work.hold(unit, attempt, status === 'finished' ? FINISHED : FAILED, now);
  if (effect === 'release') {
    if (status === 'retryable') work.units.setNotBefore(unit, now + delay);
    work.release(unit, now);
  }
}

/** What the unit's data will be when the attempt is its active one and has been given `data`. */
function effectiveData({ work }: SpecState, attempt: number, data: EncodedData | undefined): EncodedData {
  if (data) return data;
  const own = work.attempts.table.ownData(attempt);
  return own !== 0 ? work.bytes.view(own) : work.readData(work.units.data(work.attempts.table.unit(attempt)));
}

/** Starts an attempt of a worker on a unit, whatever its state; one that was active before is superseded. */
export function startAttempt(spec: SpecState, unit: number, worker: string, lifetime: Micros, now: Micros): number {
  const attempt = spec.work.attempts.start(
    unit,
    spec.workers.ensure(worker, now),
    spec.nextAttemptNumber(),
    now,
    now + lifetime,
  );
  spec.work.hold(unit, attempt, PENDING, now + lifetime);
  return attempt;
}

/** Leaves nothing of an attempt that is its unit's active one and pending; of any other it leaves all. */
export function undoAttempt({ work }: SpecState, ref: AttemptRef, now: Micros): void {
  const { attempts, units } = work;
  const unit = work.find(ref.workUnit);
  if (unit === 0 || units.status(unit) !== PENDING) return;
  const attempt = units.active(unit);
  if (attempt !== units.latest(unit) || attempts.table.number(attempt) !== ref.number) return;
  work.release(unit, now);
  attempts.undoLatest(unit);
}

/** Applies a worker's word on a unit, by the unit's present status. */
export function applyReport(spec: SpecState, report: WorkUnitReport, now: Micros): ReportAnswer {
  const { work } = spec;
  const { attempts, units } = work;
  const unit = work.find(report.workUnit);
  if (unit === 0) return { changed: false, reason: 'no such work unit' };
  const active = units.active(unit);
  const status = units.status(unit);
  if (report.worker !== undefined && status === PENDING) {
    const holder = attempts.workerOf(active).name;
    if (holder !== report.worker) return { changed: false, reason: 'held by another', holder };
  }
  const details: ChangeDetails = { data: report.data, duration: report.lifetime };
  const effect = effectOf(WORK_UNIT_STATUSES[status], report.status, report.data !== undefined);
  switch (effect) {
    case 'nothing':
      return { changed: false };
    case 'refuse':
      return { changed: false, reason: 'refused', unit: WORK_UNIT_STATUSES[status] };
    case 'keep':
      break;
    case 'replace data':
      work.replace(unit, { data: report.data!, priority: units.priority(unit), notBefore: units.notBefore(unit) }, now);
      break;
    case 'clear':
      work.clear(unit, now);
      break;
    case 'bring home':
      bringHome(spec, unit, report, details, now);
      break;
    default:
      changeAttempt(spec, active, effect, details, now);
  }
  return { changed: true };
}

const HOME = { pending: 'renew', finished: 'finish', failed: 'fail' } as const;

/** The unit's late attempt, unless it is of another worker than the one that reports, else a new one, goes home. */
function bringHome(spec: SpecState, unit: number, report: WorkUnitReport, details: ChangeDetails, now: Micros): void {
  const { attempts, units } = spec.work;
  let attempt = units.latest(unit);
  const owner = attempt === 0 ? '' : attempts.workerOf(attempt).name;
  const reporter = report.worker ?? owner;
  const action = HOME[report.status as keyof typeof HOME];
  if (attempt === 0 || !attempts.table.late(attempt) || reporter !== owner) {
    attempt = startAttempt(spec, unit, reporter, Math.max(report.lifetime, 0), now);
    // Its lease may be over already, which must not keep it from where it goes in this same moment.
    changeFrom(spec, attempt, 'pending held', action, details, now);
  } else {
    changeAttempt(spec, attempt, action, details, now);
  }
}
