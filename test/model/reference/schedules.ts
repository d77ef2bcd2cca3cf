import { slotsFrom } from './calendar.js';
import type { RefSlots, RefSpec, SpecFields } from './state.js';
import { NEVER } from './state.js';
import type { RefWorld } from './world.js';
import { Refused } from './world.js';

const ON_TIME = 60;
const MOST = 1_000;

/** How a schedule goes on when its spec is defined, or begins. */
export function definedSlots(before: RefSpec | undefined, { flow }: SpecFields, now: number): RefSlots | undefined {
  const schedule = flow?.schedule;
  if (!schedule) return undefined;
  const old = before?.fields.flow?.schedule;
  if (before?.slots && old?.cron === schedule.cron && old.timezone === schedule.timezone) {
    return schedule.overlap === 'buffer' ? before.slots : { ...before.slots, buffered: NEVER };
  }
  const last = before?.slots?.last ?? NEVER;
  const behind = Math.max(now, last);
  return { next: slotsFrom(schedule.cron, behind, behind)[0], last, buffered: NEVER, missed: 0 };
}

/** Does what is due of all schedules. */
export function startDue(world: RefWorld): { made: number; missed: number } {
  const sum = { made: 0, missed: 0 };
  for (const { specs } of world.namespaces) {
    for (const spec of specs) {
      const { made, missed } = startSpec(world, spec);
      sum.made += made;
      sum.missed += missed;
    }
  }
  return sum;
}

function startSpec(world: RefWorld, spec: RefSpec): { made: number; missed: number } {
  const schedule = spec.fields.flow?.schedule;
  const { slots } = spec;
  if (!schedule || !slots) return { made: 0, missed: 0 };
  const { overlap = 'skip', catch_up = 0 } = schedule;
  const after = { ...slots };
  let came: number[] = [];
  if (slots.next <= world.now) {
    // They may be millions, which no call takes as its arguments.
    came = [slots.next].concat(slotsFrom(schedule.cron, slots.next, world.now));
    after.next = came.pop()!;
  }
  const oldest = world.now - Math.max(catch_up, ON_TIME) * 1e6;
  const inTime = came.filter((slot) => slot >= oldest).slice(schedule.catch_up_all ? -MOST : -1);
  after.missed += Math.min(MOST, came.length - inTime.length);

  let mayMake = overlap === 'allow' || world.isAtRest(spec);
  const made: number[] = [];
  if (slots.buffered !== NEVER && mayMake) {
    made.push(slots.buffered);
    after.buffered = NEVER;
    mayMake = overlap === 'allow';
  }
  if (mayMake) made.push(...inTime);
  else if (overlap === 'buffer' && inTime.length > 0) {
    after.missed += inTime.length - (after.buffered === NEVER ? 1 : 0);
    after.buffered = inTime.at(-1)!;
  } else after.missed += inTime.length;

  for (const slot of made) {
    addSlot(world, spec, `${nameOf(slot).slice(0, 19)}Z`, after.last);
    after.last = slot;
  }
  spec.slots = after;
  return { made: made.length, missed: after.missed - slots.missed };
}

/** Runs a schedule out of turn. @returns the name of the unit */
export function runNow(world: RefWorld, namespace: string, name: string): string {
  const spec = world.spec(namespace, name);
  if (!spec.slots) throw new Refused('ErrNoSchedule');
  for (let moment = world.now; ; moment += 1000) {
    if (addSlot(world, spec, nameOf(moment), spec.slots.last)) return nameOf(moment);
  }
}

/** @returns whether there was none of the name */
function addSlot(world: RefWorld, spec: RefSpec, name: string, last: number): boolean {
  if (spec.units.some((unit) => unit.name === name)) return false;
  const previous = last === NEVER ? null : `${nameOf(last).slice(0, 19)}Z`;
  world.put(spec, name, { data: { scheduled: name, previous }, priority: 0, notBefore: NEVER });
  return true;
}

function nameOf(moment: number): string {
  return new Date(Math.floor(moment / 1000)).toISOString();
}
