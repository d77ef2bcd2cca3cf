import type { components } from '../generated/bodies.js';
import type { Duration } from '../duration.js';
import { nanoseconds } from '../duration.js';
import { dateOf, timeText } from '../time.js';

type Bodies = components['schemas'];

/** The control values of a work spec. */
export interface WorkSpecMeta extends Required<Omit<WorkSpecControl, 'interval' | 'nextContinuous'>> {
  /** Milliseconds. */
  readonly interval: number;
  readonly nextContinuous: Date | undefined;
  /** Whether its definition says continuous. */
  readonly canBeContinuous: boolean;
  /** Where the output of its units goes; '' for nowhere. */
  readonly nextWorkSpecName: string;
  readonly runtime: string;
  /** How its units flow, with all that its definition leaves unsaid. */
  readonly flow: Readonly<Record<string, unknown>> | undefined;
  /** When its schedule makes the next unit. */
  readonly nextSlot: Date | undefined;
  /** The last slot of its schedule that a unit was made of. */
  readonly lastSlot: Date | undefined;
  /** The slot whose unit is made once no other is left to be done. */
  readonly bufferedSlot: Date | undefined;
  /** How many slots have gone by without a unit since its schedule was set. */
  readonly missedSlots: number;
  /** Units available, where they were asked for; else 0. */
  readonly availableCount: number;
  readonly pendingCount: number;
}

/** Those that can be set. */
export interface WorkSpecControl {
  /** Work of a higher priority always runs first. */
  readonly priority?: number;
  /** Share of the pending work among work specs of one priority; 0 or less is never handed out. */
  readonly weight?: number;
  readonly paused?: boolean;
  readonly continuous?: boolean;
  readonly minMemoryGb?: number;
  /** Least time between two units that are made. */
  readonly interval?: Duration;
  /** When the next unit may be made; null for at once. */
  readonly nextContinuous?: Date | null;
  /** Most units pending at once; 0 for no limit. */
  readonly maxRunning?: number;
  /** Most units handed out in one call; 0 for no limit. */
  readonly maxAttemptsReturned?: number;
  /** Most attempts at a unit; 0 for no limit. */
  readonly maxRetries?: number;
}

export function metaOf(json: Bodies['WorkSpecMeta']): WorkSpecMeta {
  return {
    priority: json.priority,
    weight: json.weight,
    paused: json.paused,
    continuous: json.continuous,
    canBeContinuous: json.can_be_continuous,
    minMemoryGb: json.min_memory_gb,
    interval: json.interval / 1e6,
    nextContinuous: dateOf(json.next_continuous),
    maxRunning: json.max_running,
    maxAttemptsReturned: json.max_attempts_returned,
    maxRetries: json.max_retries,
    nextWorkSpecName: json.next_work_spec_name,
    runtime: json.runtime,
    flow: json.flow,
    nextSlot: slotOf(json.next_slot),
    lastSlot: slotOf(json.last_slot),
    bufferedSlot: slotOf(json.buffered_slot),
    missedSlots: json.missed_slots ?? 0,
    availableCount: json.available_count,
    pendingCount: json.pending_count,
  };
}

function slotOf(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : dateOf(time);
}

/** As a body has them. What is absent is left out. */
export function controlInBody(control: WorkSpecControl): Bodies['NewWorkSpecMeta'] {
  const { priority, weight, paused, continuous, interval, nextContinuous } = control;
  return {
    priority,
    weight,
    paused,
    continuous,
    min_memory_gb: control.minMemoryGb,
    interval: interval === undefined ? undefined : nanoseconds(interval),
    next_continuous: nextContinuous === undefined ? undefined : timeText(nextContinuous),
    max_running: control.maxRunning,
    max_attempts_returned: control.maxAttemptsReturned,
    max_retries: control.maxRetries,
  };
}

/** Those of what was read that can be set. The moment is kept to the microsecond, which a Date does not. */
export function settable(json: Bodies['WorkSpecMeta']): Bodies['NewWorkSpecMeta'] {
  const { priority, weight, paused, continuous, min_memory_gb, interval, next_continuous } = json;
  const { max_running, max_attempts_returned, max_retries } = json;
  const limits = { max_running, max_attempts_returned, max_retries };
  return { priority, weight, paused, continuous, min_memory_gb, interval, next_continuous, ...limits };
}
