import type { CronName } from './state.js';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const DAY = 1440 * MINUTE;

/** Those that come again and again, by whatever clocks show: zones with whole hours have them at the same moments. */
const EVERY: Partial<Record<CronName, number>> = {
  '*/5 * * * * *': 5 * SECOND,
  '*/2 * * * *': 2 * MINUTE,
  '*/30 * * * *': 30 * MINUTE,
};

/** All slots behind a moment, up to another one and the first behind that. */
export function slotsFrom(cron: CronName, moment: number, until: number): number[] {
  const slots: number[] = [];
  const every = EVERY[cron];
  const size = every ?? DAY;
  for (let at = Math.floor(moment / size); ; at++) {
    const slot = every === undefined ? halfPastTwo(at * DAY) : at * every;
    if (slot <= moment) continue;
    slots.push(slot);
    if (slot > until) return slots;
  }
}

/** When it is half past two in Berlin on a day: the first time where it is so twice, the end of the gap where it never is. */
function halfPastTwo(midnight: number): number {
  if (isSummer(midnight + 30 * MINUTE)) return midnight + 30 * MINUTE;
  return midnight + (isSummer(midnight + 90 * MINUTE) ? 60 : 90) * MINUTE;
}

/** Whether clocks in Europe are an hour ahead: from the last Sunday of March to that of October, 01:00 UTC. */
function isSummer(moment: number): boolean {
  const year = new Date(moment / 1000).getUTCFullYear();
  return moment >= lastSunday(year, 2) && moment < lastSunday(year, 9);
}

function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 31, 1));
  return last.getTime() * 1000 - last.getUTCDay() * DAY;
}
