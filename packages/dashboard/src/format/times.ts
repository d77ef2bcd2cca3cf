import { Store, useStore } from '../store.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in the two units that matter: 3 d 4 h, 12 min, 45 s, 120 ms. @param ms in milliseconds */
export function duration(ms: number): string {
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms < SECOND) return ms < 10 ? `${Number(ms.toFixed(1))} ms` : `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's', 10);
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min', 10);
  return two(ms, DAY, 'd', HOUR, 'h', 14);
}

/** The smaller unit is left out once the larger one says enough. */
function two(ms: number, large: number, name: string, small: number, smallName: string, enough: number): string {
  const rounded = Math.round(ms / small) * small;
  const whole = Math.floor(rounded / large);
  const rest = Math.round((rounded - whole * large) / small);
  return rest === 0 || whole >= enough ? `${Math.round(ms / large)} ${name}` : `${whole} ${name} ${rest} ${smallName}`;
}

/** A moment as seen from another: 3 min ago, in 2 h, just now. */
export function relative(moment: Date, from: number): string {
  const ms = moment.getTime() - from;
  if (Math.abs(ms) < 1_500) return 'just now';
  const text = Math.abs(ms) < MINUTE ? `${Math.round(Math.abs(ms) / SECOND)} s` : duration(Math.abs(ms));
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

export type Zone = 'local' | 'utc';
const ZONE = 'coordinate.zone';

/** In which zone times are shown. */
export const zone = new Store<Zone>(localStorage.getItem(ZONE) === 'utc' ? 'utc' : 'local');
zone.subscribe(() => localStorage.setItem(ZONE, zone.get()));

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** All of a moment, in a zone: 2026-11-29 00:14:04.123 UTC. */
export function exact(moment: Date, where: Zone): string {
  if (where === 'utc') return moment.toISOString().replace('T', ' ').replace('Z', ' UTC');
  const date = `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
  const time = `${pad(moment.getHours())}:${pad(moment.getMinutes())}:${pad(moment.getSeconds())}`;
  const offset = -moment.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const away = `${sign}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
  return `${date} ${time}.${pad(moment.getMilliseconds(), 3)} ${away}`;
}

/** The clock time of a moment, or its day as well where it is not today's. */
export function clock(moment: Date, where: Zone, withDay = false): string {
  const text = exact(moment, where);
  return withDay ? text.slice(5, 16) : text.slice(11, 16);
}

/** The time of whoever looks, again every second. */
const now = new Store(Date.now());
setInterval(() => now.set(Date.now()), SECOND);

/** What the time is, again every second. */
export function useNow(): number {
  return useStore(now);
}

export function useZone(): Zone {
  return useStore(zone);
}
