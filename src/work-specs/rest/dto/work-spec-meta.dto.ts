import { flowNotation } from '../../../domain/flow/flow.js';
import type { SlotState } from '../../../domain/flow/slot-rules.js';
import { LAST_TIME, type Micros, ZERO_TIME } from '../../../domain/time.js';
import type { WorkSpecMeta, WorkSpecMetaChange } from '../../../domain/work-spec.js';
import type { BodyOf } from '../../../rest/schema/body.js';
import { ObjectField, optional } from '../../../rest/schema/body.js';
import { boolean, integer, interval, number, time } from '../../../rest/schema/fields.js';
import {
  always,
  moment,
  nameSchema,
  numberJson,
  plainJson,
  Representation,
  sometimes,
  wholeNumber,
} from '../../../rest/schema/representation.js';
import { FLOW_SCHEMA } from './flow.dto.js';
import { ofUnknownKeys } from '../../../rest/schema/warnings.js';
import { formatTime } from '../../../rest/time.js';

const flag = (description: string, read: (meta: WorkSpecMeta) => boolean) =>
  always({ type: 'boolean', example: false }, description, (meta: WorkSpecMeta) => String(read(meta)));
const whole = (example: number, description: string, read: (meta: WorkSpecMeta) => number) =>
  always(wholeNumber(example), description, (meta: WorkSpecMeta) => String(read(meta)));
const word = (example: string, description: string, read: (meta: WorkSpecMeta) => string) =>
  always(nameSchema(example), description, (meta: WorkSpecMeta) => JSON.stringify(read(meta)));

const slot = (description: string, read: (slots: SlotState) => Micros | undefined) =>
  sometimes(moment('2026-11-27T02:00:00Z'), description, ({ slots }: WorkSpecMeta) => {
    const at = slots && read(slots);
    return at === undefined ? undefined : plainJson(formatTime(at));
  });

const ABOUT = {
  priority: 'Work of a higher priority always runs first.',
  weight: 'Share of the pending work among work specs of one priority; 0 or less is never handed out.',
  paused: 'Whether no work is handed out.',
  continuous: 'Whether units are made when there are none. Only on a work spec that can be continuous.',
  min_memory_gb: 'Memory that a worker needs, in GB; 0 for any.',
  interval: 'Least time between two units that are made, in nanoseconds.',
  next_continuous: 'When the next unit may be made.',
  max_running: 'Most units pending at once; 0 for no limit.',
  max_attempts_returned: 'Most units handed out in one call; 0 for no limit.',
  max_retries: 'Most attempts at a unit; 0 for no limit.',
};

export const WORK_SPEC_META = new Representation<WorkSpecMeta>(
  'WorkSpecMeta',
  {
    priority: whole(0, ABOUT.priority, (meta) => meta.priority),
    weight: whole(20, ABOUT.weight, (meta) => meta.weight),
    paused: flag(ABOUT.paused, (meta) => meta.paused),
    continuous: flag(ABOUT.continuous, (meta) => meta.continuous),
    can_be_continuous: flag('Whether its definition says continuous.', (meta) => meta.canBeContinuous),
    min_memory_gb: always({ type: 'number', format: 'double', example: 0 }, ABOUT.min_memory_gb, (meta) =>
      numberJson(meta.minMemoryGb),
    ),
    interval: always({ type: 'integer', format: 'int64', example: 0 }, ABOUT.interval, (meta) =>
      String(meta.intervalNs),
    ),
    next_continuous: always(moment('0001-01-01T00:00:00Z'), ABOUT.next_continuous, (meta) =>
      plainJson(formatTime(meta.nextContinuous)),
    ),
    max_running: whole(0, ABOUT.max_running, (meta) => meta.maxRunning),
    max_attempts_returned: whole(0, ABOUT.max_attempts_returned, (meta) => meta.maxAttemptsReturned),
    max_retries: whole(0, ABOUT.max_retries, (meta) => meta.maxRetries),
    next_work_spec_name: word('extract', 'Where the output of its units goes.', (meta) => meta.nextWorkSpecName),
    available_count: whole(0, 'Units available, when asked for.', (meta) => meta.availableCount),
    pending_count: whole(0, 'Units pending, when asked for.', (meta) => meta.pendingCount),
    runtime: word('python_3', 'What its units run in.', (meta) => meta.runtime),
    flow: sometimes(
      FLOW_SCHEMA,
      'How its units flow, with all that its definition leaves unsaid; absent where it says nothing.',
      ({ flow }) => (flow ? JSON.stringify(flowNotation(flow)) : undefined),
    ),
    next_slot: slot(
      'When its schedule makes the next unit; absent where it has none, or no slot comes any more.',
      ({ next }) => (next < LAST_TIME ? next : undefined),
    ),
    last_slot: slot(
      'The last slot of its schedule that a unit was made of; absent where there was none.',
      ({ last }) => (last > ZERO_TIME ? last : undefined),
    ),
    buffered_slot: slot(
      'The slot whose unit is made when no unit is available, delayed or pending any more; absent where none waits.',
      ({ buffered }) => (buffered > ZERO_TIME ? buffered : undefined),
    ),
    missed_slots: sometimes(
      wholeNumber(0),
      'How many slots have gone by without a unit since its schedule was set; absent where it has none.',
      ({ slots }) => (slots ? String(slots.missed) : undefined),
    ),
  },
  { description: 'The control values of a work spec.' },
);

export const NEW_META = new ObjectField(
  'NewWorkSpecMeta',
  {
    priority: optional(integer(0), ABOUT.priority),
    weight: optional(integer(20), `${ABOUT.weight} Absent: 20.`),
    paused: optional(boolean(false), ABOUT.paused),
    continuous: optional(boolean(false), ABOUT.continuous),
    min_memory_gb: optional(number(0), ABOUT.min_memory_gb),
    interval: optional(interval(0), ABOUT.interval),
    next_continuous: optional(time('0001-01-01T00:00:00Z'), ABOUT.next_continuous),
    max_running: optional(integer(0), ABOUT.max_running),
    max_attempts_returned: optional(integer(0), ABOUT.max_attempts_returned),
    max_retries: optional(integer(0), ABOUT.max_retries),
  },
  { description: 'All control values that can be set; what is absent becomes 0, false, the zero time, or weight 20.' },
  ofUnknownKeys('meta', Object.keys(ABOUT), Object.keys(WORK_SPEC_META.members)),
);

export const META_EXAMPLE = { priority: 0, weight: 20, paused: true, max_running: 10 };

/** Setting the whole of it. */
export function metaOf(body: BodyOf<MembersOf<typeof NEW_META>>): WorkSpecMetaChange {
  return {
    priority: body.priority ?? 0,
    weight: body.weight ?? 20,
    paused: body.paused ?? false,
    continuous: body.continuous ?? false,
    minMemoryGb: body.min_memory_gb ?? 0,
    intervalNs: body.interval ?? 0n,
    nextContinuous: body.next_continuous ?? ZERO_TIME,
    maxRunning: body.max_running ?? 0,
    maxAttemptsReturned: body.max_attempts_returned ?? 0,
    maxRetries: body.max_retries ?? 0,
  };
}

type MembersOf<F> = F extends ObjectField<infer M> ? M : never;
