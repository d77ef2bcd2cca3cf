import type { AttemptAction, AttemptChange, AttemptRecord, AttemptRef } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { readingOutput, shortOutputUnits } from '../../domain/chaining.js';
import { LostLeaseError, NotPendingError } from '../../domain/errors.js';
import type { ReportAnswer, WorkUnitReport } from '../../domain/report.js';
import { effectOf } from '../../domain/report.js';
import type { Micros } from '../../domain/time.js';
import { DEFAULT_LIFETIME } from '../../domain/time.js';
import type { Outcome, Standing } from '../../domain/transitions.js';
import { outcomeOf, standingOf } from '../../domain/transitions.js';
import type { EncodedData } from '../../domain/data.js';
import type { NewWorkUnit } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { attemptOutcome } from '../../domain/attempt-outcome.js';
import { behind } from './gate.js';
import { addInSlices, addUnit } from './many-units.js';
import { inSlices } from './pace.js';
import { bytesOfUnits } from './sizes.js';
import type { SpecState } from './spec-state.js';
import { FAILED, FINISHED, PENDING } from './unit-table.js';

export type ChangeDetails = Pick<AttemptChange, 'data' | 'duration' | 'delay'>;

/**
 * Makes a transition of an attempt with all that follows from it. What can throw comes before the first change of state.
 * Neither the spec nor, where it finishes, the next one may be busy.
 * @returns undefined when it is done. Where very many units are chained that takes longer, and the attempt is returned as it
 * is then.
 * @throws NotPendingError, MemoryFullError (nothing has changed), LostLeaseError (the data are stored and the attempt is
 * expired)
 */
export function changeAttempt(
  spec: SpecState,
  attempt: number,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): Promise<AttemptRecord> | undefined {
  const { attempts, units } = spec.work;
  const isHeld = units.active(attempts.table.unit(attempt)) === attempt;
  const standing = standingOf(attempts.statusNow(attempt, now), isHeld, attempts.table.late(attempt));
  return changeFrom(spec, attempt, standing, action, details, now);
}

function changeFrom(
  spec: SpecState,
  attempt: number,
  standing: Standing,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): Promise<AttemptRecord> | undefined {
  const { duration = DEFAULT_LIFETIME } = details;
  const outcome = outcomeOf(action, standing, duration);
  if (outcome.status !== undefined) {
    if (details.data) spec.memory.admitReport(details.data.length);
    const next = outcome.chains ? spec.next : undefined;
    if (!next) {
      apply(spec, attempt, outcome, details, now);
    } else {
      const data = effectiveData(spec, attempt, details.data);
      const units = shortOutputUnits(data, spec.pace.large);
      if (!units) return chainLater({ spec, next, attempt, outcome, details, now }, data);
      admitOutput(spec, units);
      apply(spec, attempt, outcome, details, now);
      for (const unit of units) addUnit(next, unit, now);
    }
  }
  if (outcome.error === 'ErrNotPending') throw new NotPendingError();
  if (outcome.error === 'ErrLostLease') throw new LostLeaseError();
  return undefined;
}

/**
 * Where there is no room for what an attempt gives to the next spec it can not finish, so that nothing of it is lost: it can
 * when there is. @throws MemoryFullError
 */
function admitOutput({ memory }: SpecState, units: readonly NewWorkUnit[]): void {
  if (units.length > 0) memory.admit(bytesOfUnits(units));
}

/** A change of an attempt whose results are chained. */
interface ChainingChange {
  spec: SpecState;
  next: SpecState;
  attempt: number;
  outcome: Outcome;
  details: ChangeDetails;
  now: Micros;
}

/** Makes a change that chains very many units, in slices. */
function chainLater(change: ChainingChange, data: EncodedData): Promise<AttemptRecord> {
  const { spec, next, attempt, outcome, details, now } = change;
  return behind([spec, next], async () => {
    const units = await inSlices(readingOutput(data), spec.pace.slices());
    admitOutput(spec, units);
    apply(spec, attempt, outcome, details, now);
    const record = spec.work.attempts.record(attempt, spec.definition.name, now);
    await addInSlices(next, units, now);
    return record;
  });
}

function apply(
  { work, observer }: SpecState,
  attempt: number,
  { status, unit: effect }: Outcome,
  { data, duration = DEFAULT_LIFETIME, delay = 0 }: ChangeDetails,
  now: Micros,
): void {
  if (data) work.attempts.setOwnData(attempt, data);
  const unit = work.attempts.table.unit(attempt);
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
    spec.numbers.next(),
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

/** Applies a worker's word on a unit, by the unit's present status. Of busy specs the same holds as for changeAttempt. */
export function applyReport(spec: SpecState, report: WorkUnitReport, now: Micros): Awaitable<ReportAnswer> {
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
  let later: Promise<unknown> | undefined;
  const effect = effectOf(WORK_UNIT_STATUSES[status], report.status, report.data !== undefined);
  switch (effect) {
    case 'nothing':
      return { changed: false };
    case 'refuse':
      return { changed: false, reason: 'refused', unit: WORK_UNIT_STATUSES[status] };
    case 'keep':
      break;
    case 'replace data':
      spec.memory.admitReport(report.data!.length);
      work.replace(unit, { data: report.data!, priority: units.priority(unit), notBefore: units.notBefore(unit) }, now);
      break;
    case 'clear':
      work.clear(unit, now);
      break;
    case 'bring home':
      later = bringHome(spec, unit, report, details, now);
      break;
    default:
      later = changeAttempt(spec, active, effect, details, now);
  }
  return later ? changedLater(later) : CHANGED;
}

const CHANGED: ReportAnswer = { changed: true };

async function changedLater(change: Promise<unknown>): Promise<ReportAnswer> {
  await change;
  return CHANGED;
}

const HOME = { pending: 'renew', finished: 'finish', failed: 'fail' } as const;

/** The unit's late attempt, unless it is of another worker than the one that reports, else a new one, goes home. */
function bringHome(
  spec: SpecState,
  unit: number,
  report: WorkUnitReport,
  details: ChangeDetails,
  now: Micros,
): Promise<AttemptRecord> | undefined {
  const { attempts, units } = spec.work;
  let attempt = units.latest(unit);
  const owner = attempt === 0 ? '' : attempts.workerOf(attempt).name;
  const reporter = report.worker ?? owner;
  const action = HOME[report.status as keyof typeof HOME];
  if (attempt === 0 || !attempts.table.late(attempt) || reporter !== owner) {
    // What may not be brought home must not have begun either.
    spec.memory.admitReport(details.data?.length ?? 0);
    if (action === 'finish' && spec.next) {
      const data = details.data ?? spec.work.readData(units.data(unit));
      admitOutput(spec, shortOutputUnits(data, spec.pace.large) ?? []);
    }
    attempt = startAttempt(spec, unit, reporter, Math.max(report.lifetime, 0), now);
    // Its lease may be over already, which must not keep it from where it goes in this same moment.
    return changeFrom(spec, attempt, 'pending held', action, details, now);
  }
  return changeAttempt(spec, attempt, action, details, now);
}
