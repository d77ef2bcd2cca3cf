import { duration } from '../format/times.js';
import { shown } from '../names.js';
import { act } from './act.js';
import { api } from './connection.js';
import type { WorkSpecOverview } from './overview.js';
import { overviewKey } from './overview.js';

/** When units of a work spec are made by themselves. */
export interface Schedule {
  /** By the calendar, or whenever an interval has gone by and a worker asks. */
  readonly kind: 'cron' | 'continuous';
  readonly when: string;
  /** What else its definition says of it. */
  readonly more: string | undefined;
  readonly last: Date | undefined;
  readonly next: Date | undefined;
  /** Whether the next unit waits for the one before to be done. */
  readonly isWaiting: boolean;
}

/** @returns undefined where none are */
export function scheduleOf({ meta, lastClaim }: WorkSpecOverview): Schedule | undefined {
  const schedule = meta.flow?.schedule;
  if (typeof schedule === 'object' && schedule !== null && 'cron' in schedule) {
    const { cron, timezone, ...rest } = schedule as { cron: unknown; timezone?: unknown };
    const more = Object.entries(rest).map(([key, value]) => `${key}: ${String(value)}`);
    return {
      kind: 'cron',
      when: `${String(cron)}${typeof timezone === 'string' ? ` ${timezone}` : ''}`,
      more: more.length === 0 ? undefined : more.join(', '),
      last: meta.lastSlot,
      next: meta.nextSlot,
      isWaiting: meta.bufferedSlot !== undefined,
    };
  }
  if (!meta.continuous) return undefined;
  const when = meta.interval > 0 ? `every ${duration(meta.interval)}` : 'whenever a worker asks';
  return { kind: 'continuous', when, more: undefined, last: lastClaim, next: meta.nextContinuous, isWaiting: false };
}

/** Has a unit be made now, whatever the schedule says. */
export function runNow(namespace: string, spec: WorkSpecOverview): Promise<boolean> {
  const handle = api(namespace).spec(spec.name);
  const name = shown(spec.name);
  const changes = [overviewKey(namespace)];
  if (scheduleOf(spec)?.kind === 'cron') {
    return act({
      what: `Running ${name}`,
      run: () => handle.runSchedule(),
      said: (unit) => `${name} has the unit ${shown(unit)}`,
      changes,
    });
  }
  return act({
    what: `Running ${name}`,
    run: () => handle.changeMeta({ nextContinuous: null }),
    said: () => `${name} has a unit for the next worker that asks`,
    changes,
  });
}
