import { encode } from '../../cbor/index.js';
import { MILLISECOND, ZERO_TIME, type Micros } from '../time.js';
import type { NewWorkUnit } from '../work-unit.js';
import type { Schedule } from './schedule.js';
import { nextSlot, type DueSlots } from './slots.js';

/** How far a spec is in its schedule. Nobody changes one: a step makes another. */
export interface SlotState {
  /** The first slot that has yet to be looked at; LAST_TIME: none comes any more. */
  readonly next: Micros;
  /** The last one that a unit was made for; ZERO_TIME: none yet. */
  readonly last: Micros;
  /** The one that waits until no unit is left to be done; ZERO_TIME: none. */
  readonly buffered: Micros;
  /** How many have gone by without a unit since the schedule was set. */
  readonly missed: number;
}

/** What a step makes of a schedule. */
export interface SlotStep {
  /** To be added each, unless there is one of its name. */
  readonly units: readonly NewWorkUnit[];
  readonly state: SlotState;
}

/**
 * Where a schedule begins, or goes on, when a spec is defined: one of the same times goes on as before, any other begins behind
 * the last slot that was made, so that none comes twice where the clock was set back.
 */
export function definedSlots(
  schedule: Schedule | undefined,
  before: { readonly schedule: Schedule | undefined; readonly slots: SlotState | undefined },
  now: Micros,
): SlotState | undefined {
  if (!schedule) return undefined;
  const { slots } = before;
  const isSame = schedule.cron === before.schedule?.cron && schedule.timezone === before.schedule.timezone;
  if (slots && isSame) return schedule.overlap === 'buffer' ? slots : { ...slots, buffered: ZERO_TIME };
  const last = slots?.last ?? ZERO_TIME;
  return { next: nextSlot(schedule, Math.max(now, last)), last, buffered: ZERO_TIME, missed: 0 };
}

/** When there is something to do for a schedule. */
export function slotsDueAt({ next, buffered }: SlotState): Micros {
  return buffered === ZERO_TIME ? next : buffered;
}

/**
 * Makes the units of what has come due. Those that are made up for together do not stand in each other's way.
 * @param due - what has come due since; undefined where nothing has, and one is buffered
 * @param isBusy - whether a unit of the spec is available, delayed or pending; of no account where overlap is allowed
 * @returns undefined where there is nothing to change
 */
export function takeSlots(
  { overlap }: Schedule,
  state: SlotState,
  due: DueSlots | undefined,
  isBusy: boolean,
): SlotStep | undefined {
  let { buffered, missed } = state;
  const made: Micros[] = [];
  let isBlocked = isBusy && overlap !== 'allow';
  if (buffered !== ZERO_TIME && !isBlocked) {
    made.push(buffered);
    buffered = ZERO_TIME;
    isBlocked = overlap !== 'allow';
  } else if (!due) {
    return undefined;
  }
  if (due) {
    const { slots } = due;
    missed += due.missed;
    if (!isBlocked) made.push(...slots);
    else if (overlap !== 'buffer') missed += slots.length;
    else if (slots.length > 0) {
      missed += slots.length - (buffered === ZERO_TIME ? 1 : 0);
      buffered = slots.at(-1)!;
    }
  }
  const units = made.map((slot, at) => slotUnit(nameOfSlot(slot), made[at - 1] ?? state.last));
  return { units, state: { next: due?.next ?? state.next, last: made.at(-1) ?? state.last, buffered, missed } };
}

/**
 * The unit that runs a schedule out of turn, under each name that it may have, of which the first that is free is to be taken: now
 * to the millisecond, then the milliseconds that follow.
 */
export function* unitsOutOfTurn({ last }: SlotState, now: Micros): Generator<NewWorkUnit, never> {
  for (let ms = Math.floor(now / MILLISECOND); ; ms++) yield slotUnit(new Date(ms).toISOString(), last);
}

function slotUnit(name: string, previous: Micros): NewWorkUnit {
  const data = encode({ scheduled: name, previous: previous === ZERO_TIME ? null : nameOfSlot(previous) });
  return { name, data, priority: 0 };
}

/** A slot as RFC 3339 in UTC, to the second. */
function nameOfSlot(slot: Micros): string {
  return `${new Date(slot / MILLISECOND).toISOString().slice(0, 19)}Z`;
}
