import type { AttemptStatus } from '../../../domain/attempt.js';
import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import type { WorkUnitStatus } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';

/**
 * Statuses as they are stored: their places in the domain's lists. Indexes and stored rows depend on them, so those lists
 * may grow at the end and never change otherwise.
 */
export const AVAILABLE = WORK_UNIT_STATUSES.indexOf('available');
export const DELAYED = WORK_UNIT_STATUSES.indexOf('delayed');
export const PENDING = WORK_UNIT_STATUSES.indexOf('pending');
export const FINISHED = WORK_UNIT_STATUSES.indexOf('finished');
export const FAILED = WORK_UNIT_STATUSES.indexOf('failed');

export function unitStatusCode(status: WorkUnitStatus): number {
  return WORK_UNIT_STATUSES.indexOf(status);
}

export function attemptStatusCode(status: AttemptStatus): number {
  return ATTEMPT_STATUSES.indexOf(status);
}
