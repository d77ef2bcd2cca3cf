import type { EncodedData } from './data.js';
import { PendingError } from './errors.js';
import type { Micros } from './time.js';
import { LEASE_RAN_OUT, lapseAnew, pauseOfLapse } from './retry-rules.js';
import { hasPassed, laterBy } from './time.js';
import type { AttemptPort, UnitPort, UnitsPort } from './unit-port.js';
import type { NewWorkUnit, PriorityChange, WorkUnitChange, WorkUnitStatus } from './work-unit.js';
import { adjustedPriority, notBeforeOf } from './work-unit.js';

// What becomes of a work unit, whatever backend keeps it: adding, clearing, changing it, and what time does to it.

type Unit = UnitPort<unknown>;

/** Whether a unit that reads so has no active attempt. */
export function isIdle(status: WorkUnitStatus): boolean {
  return status === 'available' || status === 'delayed';
}

/** How a unit without an active attempt reads. */
function idleStatus(notBefore: Micros, now: Micros): 'available' | 'delayed' {
  return hasPassed(notBefore, now) ? 'available' : 'delayed';
}

/** The moment that matters then: until when it is delayed, or since when it is available. @param since - when it became idle */
function idleMoment(notBefore: Micros, since: Micros, now: Micros): Micros {
  return hasPassed(notBefore, now) ? Math.max(since, notBefore) : notBefore;
}

function enterIdle(unit: Unit, since: Micros, now: Micros): void {
  const { notBefore } = unit;
  unit.enter(idleStatus(notBefore, now), idleMoment(notBefore, since, now));
}

/** The unit has no active attempt from now on, and reads available or delayed by its not_before. */
export function release(unit: Unit, now: Micros): void {
  // One that is available stays where it is: it has waited since long before.
  if (unit.status === 'available' && hasPassed(unit.notBefore, now)) return;
  enterIdle(unit, now, now);
}

/**
 * Lets a lease or a delay take effect that has run out by now, at the moment at which it did. A backend does so before it
 * shows or changes a unit; many that ran out, in that order, each with its own moment as `now` or with a common one.
 */
export function settle(unit: Unit, now: Micros): void {
  const { status, moment } = unit;
  if ((status !== 'pending' && status !== 'delayed') || !hasPassed(moment, now)) return;
  if (status === 'pending') {
    const attempt = unit.latest!;
    const { lapse } = unit;
    if (lapse !== undefined) {
      unit.failures++;
      const pause = pauseOfLapse(lapse);
      if (pause === undefined) {
        failByLapse(unit, attempt, moment);
        return;
      }
      unit.notBefore = laterBy(pause, moment);
    }
    attempt.become('expired', moment);
    attempt.late = true;
    attempt.noteEnd('expired', moment);
  }
  enterIdle(unit, moment, now);
}

/** A lease has run out that was its unit's last try. Who finished the work nevertheless still may say so, until it is cleared. */
function failByLapse(unit: Unit, attempt: AttemptPort, moment: Micros): void {
  attempt.become('failed', moment);
  attempt.noteEnd('failed', moment);
  unit.enter('failed', moment, LEASE_RAN_OUT);
}

/** Adds a unit or, where the name exists, gives it new content; its history stays. */
export function putUnit(units: UnitsPort, unit: NewWorkUnit, now: Micros): void {
  const notBefore = notBeforeOf(unit, now);
  const existing = units.find(unit.name);
  if (existing) replaceContent(existing, unit.data, unit.priority, notBefore, now);
  else units.create(unit, notBefore, idleStatus(notBefore, now), idleMoment(notBefore, now, now));
  units.noteAdded(now);
}

/** The rule of adding a unit again: a pending one stays so, any other has no active attempt afterwards. */
function replaceContent(unit: Unit, data: EncodedData, priority: number, notBefore: Micros, now: Micros): void {
  unit.data = data;
  unit.priority = priority;
  unit.notBefore = notBefore;
  forgetTries(unit);
  if (unit.status !== 'pending') release(unit, now);
}

/** New data of a unit, as by adding it again with its priority and not_before. */
export function replaceData(unit: Unit, data: EncodedData, now: Micros): void {
  replaceContent(unit, data, unit.priority, unit.notBefore, now);
}

/** Takes the active attempt away, whatever it is; the attempt itself does not change. */
export function clearUnit(unit: Unit, now: Micros): void {
  forgetTries(unit);
  if (!isIdle(unit.status)) release(unit, now);
}

/** Ends lateness and begins the counts of max_retries and of failures anew. */
function forgetTries(unit: Unit): void {
  unit.tries = 0;
  if (unit.failures !== 0) unit.failures = 0;
  const { lapse } = unit;
  if (lapse !== undefined && lapse < 0) unit.lapse = lapseAnew(lapse);
  const { latest } = unit;
  if (latest) latest.late = false;
}

/**
 * Sets a unit's own fields. What can throw comes before the first change of state.
 * @throws PendingError for data of a unit that is pending, and stays so
 */
export function changeUnit(unit: Unit, { clear, data, priority, notBefore }: WorkUnitChange, now: Micros): void {
  if (data && !clear && unit.status === 'pending') throw new PendingError();
  if (clear) clearUnit(unit, now);
  if (data) edit(unit, data);
  if (priority !== undefined) unit.priority = priority;
  if (notBefore === undefined) return;
  unit.notBefore = notBefore;
  if (isIdle(unit.status)) release(unit, now);
}

/** The unit has other data from now on, and stays as it is otherwise; what its attempts show stays. */
function edit(unit: Unit, data: EncodedData): void {
  unit.data = data;
  if (!isIdle(unit.status)) unit.latest!.late = true;
}

/** Whether a unit does not read as its active attempt says, since its data have been edited after that ended. */
export function isOverruled({ late, status }: Pick<AttemptPort, 'late' | 'status'>): boolean {
  return late && status !== 'expired';
}

export function prioritizeUnit(unit: Unit, change: PriorityChange): void {
  unit.priority = 'to' in change ? change.to : adjustedPriority(unit.priority, change.by);
}
