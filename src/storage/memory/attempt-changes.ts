import type { ChangeDetails } from '../../domain/attempt-rules.js';
import { changeAttempt, startAttempt, undoAttempt } from '../../domain/attempt-rules.js';
import type { AttemptAction, AttemptRecord, AttemptRef, MakeRequest } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { readingOutput } from '../../domain/chaining.js';
import { mustNotBeHeldByOthers } from '../../domain/hold.js';
import type { ReportAnswer, WorkUnitReport } from '../../domain/report.js';
import { applyReport } from '../../domain/report-rules.js';
import type { Micros } from '../../domain/time.js';
import type { EncodedData } from '../../domain/data.js';
import { behind } from './gate.js';
import { addInSlices } from './many-units.js';
import { inSlices } from './pace.js';
import type { SpecState } from './spec-state.js';
import { LongOutput } from './spec-state.js';

/**
 * Makes a transition of an attempt with all that follows from it. Neither the spec nor, where it finishes, the next one may be
 * busy.
 * @returns the attempt as it is then
 * @throws NotPendingError, MemoryFullError (nothing has changed), LostLeaseError (the data are stored and the attempt is
 * expired)
 */
export function changeRecord(
  spec: SpecState,
  attempt: number,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): Awaitable<AttemptRecord> {
  try {
    return changeNow(spec, attempt, action, details, now);
  } catch (error) {
    if (error instanceof LongOutput) return changeLater(spec, error.data, attempt, action, details, now);
    throw error;
  }
}

function changeNow(
  spec: SpecState,
  attempt: number,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): AttemptRecord {
  const { attempts, units } = spec.work;
  const id = attempts.table.unit(attempt);
  const isActive = units.active(id) === attempt;
  const error = changeAttempt(spec.work.unit(id), attempts.slot.at(attempt), isActive, action, details, spec, now);
  if (error) throw error;
  return attempts.record(attempt, spec.definition.name, now);
}

/** Applies a worker's word on a unit. Of busy specs the same holds as for changeRecord. */
export function report(spec: SpecState, word: WorkUnitReport, now: Micros): Awaitable<ReportAnswer> {
  try {
    return reportNow(spec, word, now);
  } catch (error) {
    if (error instanceof LongOutput) return reportLater(spec, error.data, word, now);
    throw error;
  }
}

function reportNow(spec: SpecState, word: WorkUnitReport, now: Micros): ReportAnswer {
  return applyReport(spec.work.find(word.workUnit), word, spec, now);
}

// Functions of their own: where closures are made, all that they see is kept on the heap, for each call.

function changeLater(
  spec: SpecState,
  output: EncodedData,
  attempt: number,
  action: AttemptAction,
  details: ChangeDetails,
  now: Micros,
): Promise<AttemptRecord> {
  return withLongOutput(spec, output, now, () => changeNow(spec, attempt, action, details, now));
}

function reportLater(spec: SpecState, output: EncodedData, word: WorkUnitReport, now: Micros): Promise<ReportAnswer> {
  return withLongOutput(spec, output, now, () => reportNow(spec, word, now));
}

/** Carries out a change that chains very many units, which has changed nothing so far, from its beginning and in slices. */
function withLongOutput<T>(spec: SpecState, output: EncodedData, now: Micros, change: () => T): Promise<T> {
  const next = spec.next!;
  return behind([spec, next], async () => {
    const units = await inSlices(readingOutput(output), spec.pace.slices());
    const result = spec.withOutput(units, change);
    await addInSlices(next, units, now);
    return result;
  });
}

/**
 * Starts an attempt of a worker on a unit, whatever its state; one that was active before is superseded.
 * @throws HeldByOthersError, MemoryFullError
 */
export function makeAttempt(
  spec: SpecState,
  unit: number,
  { worker, lifetime, workers }: MakeRequest,
  now: Micros,
): number {
  mustNotBeHeldByOthers(spec.work.unit(unit), workers);
  startAttempt(spec.work.unit(unit), spec.worker(worker, now), spec.nextNumber(), lifetime, now, spec.retrying);
  return spec.work.units.latest(unit);
}

/** Takes attempts back that are pending, in steps. */
export function* undoing(spec: SpecState, attempts: readonly AttemptRef[], now: Micros): Generator<number, void> {
  for (const { workUnit, number } of attempts) {
    const unit = spec.work.find(workUnit);
    if (unit) undoAttempt(unit, number, now);
    yield 1;
  }
}
