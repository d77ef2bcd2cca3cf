import type { Awaitable } from '../../domain/awaitable.js';
import { NoScheduleError } from '../../domain/errors.js';
import { slotsDueAt, takeSlots, unitsOutOfTurn } from '../../domain/flow/slot-rules.js';
import { dueSlots } from '../../domain/flow/slots.js';
import type { ByteName } from '../../domain/names.js';
import { MILLISECOND, type Micros } from '../../domain/time.js';
import { putUnit } from '../../domain/unit-rules.js';
import type { ScheduleLook } from '../../schedules/schedule.repository.js';
import { ScheduleRepository } from '../../schedules/schedule.repository.js';
import type { MemoryStore } from './memory-store.js';
import { inSlices } from './pace.js';
import { bytesOfUnits } from './sizes.js';
import type { SpecState } from './spec-state.js';

/** However far the next slot is, the clock may be set: it is looked at so often, in milliseconds, where there is a schedule. */
const LOOK_MS = 1_000;
/** What is buffered waits for units to end, which is looked for so often, in milliseconds. */
const BUFFERED_MS = 500;

type Taken = Pick<ScheduleLook, 'made' | 'missed'>;
const NOTHING: Taken = { made: 0, missed: 0 };

export class MemoryScheduleRepository extends ScheduleRepository {
  constructor(private readonly store: MemoryStore) {
    super();
    store.scheduled.listener = () => this.scheduleSet();
  }

  override async startDue(): Promise<ScheduleLook> {
    const { scheduled } = this.store;
    const look = { made: 0, missed: 0, nextInMs: Infinity };
    const now = this.store.now();
    for (const spec of scheduled.dueAt(now)) {
      const { made, missed } = await this.start(spec, now);
      look.made += made;
      look.missed += missed;
    }
    const next = scheduled.nextDue();
    if (next === Infinity) return look;
    const ms = Math.max(0, (next - this.store.now()) / MILLISECOND);
    return { ...look, nextInMs: next <= now ? BUFFERED_MS : Math.min(LOOK_MS, ms) };
  }

  /** What is due is reckoned in slices before; where the schedule has changed meanwhile, the next look sees to it. */
  private async start(spec: SpecState, now: Micros): Promise<Taken> {
    const { flow, slots } = spec.definition.meta;
    const schedule = flow?.schedule;
    if (!schedule || !slots || slotsDueAt(slots) > now) return NOTHING;
    const due =
      slots.next > now ? undefined : await inSlices(dueSlots(schedule, slots.next, now), this.store.pace.slices());
    return await this.store.within(spec, (moment) => {
      const { meta } = spec.definition;
      if (!spec.isThere) this.store.scheduled.remove(spec);
      if (!spec.isThere || meta.slots !== slots || meta.flow?.schedule !== schedule) return NOTHING;
      const step = takeSlots(schedule, slots, due, !spec.work.isAtRest);
      if (!step) return NOTHING;
      const units = step.units.filter(({ name }) => spec.work.idOf(name) === 0);
      spec.memory.admit(bytesOfUnits(units));
      for (const unit of units) putUnit(spec.work, unit, moment);
      spec.setSlots(step.state);
      return { made: step.units.length, missed: step.state.missed - slots.missed };
    });
  }

  override runNow(namespace: string, workSpec: string): Awaitable<ByteName> {
    return this.store.at(namespace, workSpec, (spec, now) => {
      const { slots } = spec.definition.meta;
      if (!slots) throw new NoScheduleError();
      for (const unit of unitsOutOfTurn(slots, now)) {
        if (spec.work.idOf(unit.name) !== 0) continue;
        spec.memory.admit(bytesOfUnits([unit]));
        putUnit(spec.work, unit, now);
        return unit.name;
      }
      throw new Error('there is always another millisecond');
    });
  }
}
