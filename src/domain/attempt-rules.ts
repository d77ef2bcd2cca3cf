import { attemptOutcome } from './attempt-outcome.js';
import type { AttemptAction, AttemptChange, AttemptRef, AttemptStatus, Cancellation } from './attempt.js';
import { cancellationCause, failureCause } from './cause.js';
import { TOO_MANY_RETRIES, tooManyRetries } from './claim-rules.js';
import { lapseOf, pauseOf, type Retrying } from './retry-rules.js';
import type { CoordinateError } from './errors.js';
import { LostLeaseError, NotPendingError } from './errors.js';
import { otherHolder } from './hold.js';
import type { Micros } from './time.js';
import { DEFAULT_LIFETIME, hasPassed, laterBy, ZERO_TIME } from './time.js';
import type { Outcome } from './transitions.js';
import { outcomeOf, stateOf } from './transitions.js';
import type { AttemptPort, SpecPort, UnitPort } from './unit-port.js';
import { release } from './unit-rules.js';

// What becomes of an attempt and with it of its unit, whatever backend keeps them.

export type ChangeDetails = Pick<AttemptChange, 'data' | 'duration' | 'delay' | 'cause' | 'final'>;

/** Whether an attempt is the one that an address means. */
export function isMeant(attempt: Pick<AttemptPort, 'number' | 'start' | 'worker'>, ref: AttemptRef): boolean {
  return attempt.number === ref.number && attempt.start === ref.start && attempt.worker === ref.worker;
}

/** Starts an attempt on a unit, whatever its state; one that was active before is superseded. */
export function startAttempt<W>(
  unit: UnitPort<W>,
  worker: W,
  number: number,
  lifetime: Micros,
  now: Micros,
  retrying?: Retrying,
): void {
  begin(unit, worker, number, lifetime, now);
  drawLapse(unit, retrying);
  unit.enter('pending', now + lifetime);
}

function begin<W>(unit: UnitPort<W>, worker: W, number: number, lifetime: Micros, now: Micros): void {
  const former = unit.latest;
  unit.begin(worker, number, now, now + lifetime);
  unit.tries++;
  if (former) former.late = false;
}

/** What follows if the lease runs out that begins now is drawn now. */
function drawLapse(unit: UnitPort<unknown>, retrying: Retrying | undefined): void {
  const lapse = lapseOf(unit, retrying);
  if (unit.lapse !== lapse) unit.lapse = lapse;
}

/**
 * Gives out an available unit: starts an attempt on it, or, where it has been tried too often, one that fails on the spot.
 * @returns whether it is handed out
 */
export function giveOut<W>(
  unit: UnitPort<W>,
  worker: W,
  number: number,
  lifetime: Micros,
  maxRetries: number,
  now: Micros,
  retrying?: Retrying,
): boolean {
  if (maxRetries <= 0 || unit.tries < maxRetries) {
    startAttempt(unit, worker, number, lifetime, now, retrying);
    return true;
  }
  const refusal = tooManyRetries(unit.latest!.data);
  begin(unit, worker, number, lifetime, now);
  const attempt = unit.latest!;
  attempt.ownData = refusal;
  end(attempt, 'failed', now);
  unit.enter('failed', now, TOO_MANY_RETRIES);
  return false;
}

/** Leaves nothing of the attempt of a number, if it is its unit's active one and pending; of any other it leaves all. */
export function undoAttempt(unit: UnitPort<unknown> & { forgetLatest(): void }, number: number, now: Micros): void {
  if (unit.status !== 'pending' || unit.latest!.number !== number) return;
  release(unit, now);
  unit.forgetLatest();
  unit.tries = Math.max(unit.tries - 1, 0);
}

/** Whether a pending attempt that is no longer its unit's active one is to be seen as expired. */
export function hasRunOut(status: AttemptStatus, expiration: Micros, now: Micros): boolean {
  return status === 'pending' && hasPassed(expiration, now);
}

/** An attempt that is not its unit's active one expires when it is looked at: for good, and nobody is told. */
export function expireDetached(attempt: AttemptPort, now: Micros): void {
  const { expiration } = attempt;
  if (hasRunOut(attempt.status, expiration, now)) attempt.become('expired', expiration);
}

/**
 * Makes a transition of an attempt with all that follows from it. What can throw comes before the first change of state.
 * @param isActive - whether it is its unit's active one, in which what has run out has taken effect
 * @returns the error that the caller hears; a lost lease comes with data and status stored
 */
export function changeAttempt(
  unit: UnitPort<unknown>,
  attempt: AttemptPort,
  isActive: boolean,
  action: AttemptAction,
  details: ChangeDetails,
  spec: SpecPort<unknown>,
  now: Micros,
): CoordinateError | undefined {
  if (!isActive) expireDetached(attempt, now);
  const state = stateOf(attempt.status, isActive, attempt.late);
  const outcome = outcomeOf(action, state, details.duration ?? DEFAULT_LIFETIME);
  if (outcome.status !== undefined) {
    const hasOutput = admit(unit, attempt, outcome, details, spec);
    apply(unit, attempt, outcome, details, spec.retrying, now);
    if (hasOutput) spec.addOutput(now);
  }
  return errorOf(outcome);
}

/**
 * Starts an attempt that is at once to go where a worker has brought its work: as startAttempt and changeAttempt, but that
 * the lease may be over already, which must not keep it from where it goes in this same moment.
 */
export function startAndChange<W>(
  unit: UnitPort<W>,
  worker: W,
  action: AttemptAction,
  details: ChangeDetails & { duration: Micros },
  spec: SpecPort<W>,
  now: Micros,
): void {
  const outcome = outcomeOf(action, 'pending active', details.duration);
  // What may not be brought home must not have begun either.
  const hasOutput = admit(unit, undefined, outcome, details, spec);
  startAttempt(unit, worker, spec.nextNumber(), Math.max(details.duration, 0), now, spec.retrying);
  apply(unit, unit.latest!, outcome, details, spec.retrying, now);
  if (hasOutput) spec.addOutput(now);
}

/**
 * Stops the attempt that holds a unit.
 * @returns whether there was one, by a worker that the request may act for
 */
export function cancelUnit(
  unit: UnitPort<unknown>,
  { reason, release, workers }: Cancellation,
  spec: SpecPort<unknown>,
  now: Micros,
): boolean {
  if (unit.status !== 'pending' || otherHolder(unit, workers) !== undefined) return false;
  changeAttempt(unit, unit.latest!, true, release ? 'recall' : 'cancel', { cause: reason }, spec, now);
  return true;
}

/** All of a change that can throw. @returns whether there is output to be added afterwards */
function admit(
  unit: UnitPort<unknown>,
  attempt: AttemptPort | undefined,
  outcome: Outcome,
  { data }: ChangeDetails,
  spec: SpecPort<unknown>,
): boolean {
  if (data) spec.admit(data.length);
  if (!outcome.chains || !spec.chains) return false;
  spec.readOutput(data ?? attempt?.ownData ?? unit.data);
  return true;
}

function apply(
  unit: UnitPort<unknown>,
  attempt: AttemptPort,
  { status, unit: effect }: Outcome,
  details: ChangeDetails,
  retrying: Retrying | undefined,
  now: Micros,
): void {
  const { data, duration = DEFAULT_LIFETIME, delay = 0 } = details;
  if (data) attempt.ownData = data;
  // What comes home has not failed by that its lease ran out.
  if (attempt.late && unit.lapse !== undefined && unit.failures > 0) unit.failures--;
  if (status === 'pending') {
    attempt.late = false;
    attempt.expiration = now + duration;
    attempt.become('pending', ZERO_TIME);
    drawLapse(unit, retrying);
    unit.enter('pending', now + duration);
    return;
  }
  if (effect === 'hold' && status === 'failed') {
    fail(unit, attempt, details, retrying, now);
    return;
  }
  end(attempt, status!, now);
  if (effect === 'hold') {
    if (status === 'finished') unit.enter('finished', now);
    else unit.enter('failed', now, cancellationCause(details.cause));
  }
  if (effect === 'release') {
    if (status === 'retryable') unit.notBefore = laterBy(delay, now);
    release(unit, now);
  }
}

/** The active attempt fails; its unit stays failed, or rests where its spec's policy of retrying says so. */
function fail(
  unit: UnitPort<unknown>,
  attempt: AttemptPort,
  details: ChangeDetails,
  retrying: Retrying | undefined,
  now: Micros,
): void {
  const cause = failureCause(details);
  let pause: Micros | undefined;
  if (retrying) {
    unit.failures++;
    if (!details.final) pause = pauseOf(unit, cause, retrying);
  }
  end(attempt, 'failed', now, pause === undefined ? 'failed' : 'retried');
  if (pause === undefined) {
    unit.enter('failed', now, cause);
    return;
  }
  unit.notBefore = laterBy(pause, now);
  release(unit, now);
}

/** One that had ended so before keeps the moment at which it did. */
function end(
  attempt: AttemptPort,
  status: Exclude<AttemptStatus, 'pending'>,
  now: Micros,
  outcome = attemptOutcome(status, now, attempt.expiration),
): void {
  attempt.late = false;
  if (attempt.status === status) return;
  attempt.become(status, now);
  attempt.noteEnd(outcome, now);
}

function errorOf({ error }: Outcome): CoordinateError | undefined {
  if (error === undefined) return undefined;
  return error === 'ErrNotPending' ? new NotPendingError() : new LostLeaseError();
}
