import { isStopped } from './attempt.js';
import { changeAttempt, startAndChange } from './attempt-rules.js';
import { otherHolder } from './hold.js';
import type { ReportAnswer, WorkUnitReport } from './report.js';
import { effectOf } from './report.js';
import { saysFinal } from './retry-rules.js';
import type { Micros } from './time.js';
import type { SpecPort, UnitPort } from './unit-port.js';
import { clearUnit, replaceData } from './unit-rules.js';

/** Applies a worker's word on a unit, by the unit's present status. What can throw comes before the first change of state. */
export function applyReport<W>(
  unit: UnitPort<W> | undefined,
  report: WorkUnitReport,
  spec: SpecPort<W>,
  now: Micros,
): ReportAnswer {
  if (report.worker !== undefined) spec.noteReporter(report.worker, now);
  if (!unit) return NO_SUCH_UNIT;
  const { status } = unit;
  if (report.worker !== undefined && status === 'pending') {
    const holder = unit.latest!.worker;
    if (holder !== report.worker) return { changed: false, reason: 'held by another', holder };
  }
  const other = otherHolder(unit, report.workers);
  if (other !== undefined) return { changed: false, reason: 'held by another', holder: other };
  if (status !== 'pending' && status !== 'finished' && wasStopped(unit, report)) return CANCELLED;
  const effect = effectOf(status, report.status, report.data !== undefined, report.delay !== undefined);
  switch (effect) {
    case 'nothing':
      return UNCHANGED;
    case 'refuse':
      return { changed: false, reason: 'refused', unit: status };
    case 'keep':
      break;
    case 'replace data':
      spec.admit(report.data!.length);
      replaceData(unit, report.data!, now);
      break;
    case 'clear':
      clearUnit(unit, now);
      break;
    case 'bring home':
      if (isRepeatedFailure(unit, report, spec)) break;
      bringHome(unit, report, spec, now);
      break;
    default:
      changeAttempt(unit, unit.latest!, true, effect, detailsOf(report, spec), spec, now);
  }
  return CHANGED;
}

const CHANGED: ReportAnswer = { changed: true };
const UNCHANGED: ReportAnswer = { changed: false };
const CANCELLED: ReportAnswer = { changed: false, reason: 'cancelled' };
const NO_SUCH_UNIT: ReportAnswer = { changed: false, reason: 'no such work unit' };

/**
 * Whether a report of a unit that nobody is at comes from the worker whose attempt has been stopped: one that names itself is known;
 * of the others, those that bring work home or go on with it, while nobody has begun anew.
 */
function wasStopped({ status, latest }: UnitPort<unknown>, { status: reported, worker }: WorkUnitReport): boolean {
  if (!latest || !isStopped(latest.status)) return false;
  if (worker === latest.worker) return true;
  // Whoever gives a unit back, or new data to one that is free, may be somebody who looks after it.
  if (reported === 'available' || (reported === undefined && status !== 'failed')) return false;
  return worker === undefined || status === 'failed';
}

function detailsOf({ data, lifetime, delay, status }: WorkUnitReport, { retrying }: SpecPort<unknown>) {
  return { data, duration: lifetime, delay, final: retrying && status === 'failed' && saysFinal(data) };
}

/**
 * Whether a worker says once more that a unit has failed which has been released since then by its spec's policy of retrying:
 * clients repeat their last request when a connection was broken.
 */
function isRepeatedFailure<W>({ latest, failures }: UnitPort<W>, report: WorkUnitReport, spec: SpecPort<W>): boolean {
  if (!spec.retrying || report.status !== 'failed' || failures === 0 || latest?.status !== 'failed') return false;
  return report.worker === undefined || report.worker === latest.worker;
}

const HOME = { pending: 'renew', finished: 'finish', failed: 'fail' } as const;

/** The unit's late attempt, unless it is of another worker than the one that reports, else a new one, goes home. */
function bringHome<W>(unit: UnitPort<W>, report: WorkUnitReport, spec: SpecPort<W>, now: Micros): void {
  const action = HOME[report.status as keyof typeof HOME];
  const { latest } = unit;
  const owner = latest?.worker ?? '';
  const reporter = report.worker ?? owner;
  if (latest?.late && reporter === owner) {
    changeAttempt(unit, latest, false, action, detailsOf(report, spec), spec, now);
  } else {
    startAndChange(unit, spec.worker(reporter, now), action, detailsOf(report, spec), spec, now);
  }
}
