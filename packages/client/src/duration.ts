/** Milliseconds, or text such as `'15m'`, `'250ms'`, `'1h30m'`: numbers with the units ms, s, m, h, d and w. */
export type Duration = number | string;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** @throws RangeError when it is none */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number') {
    if (!Number.isFinite(duration)) throw new RangeError(`not a duration: ${duration}`);
    return duration;
  }
  const parts = /^-?(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(duration)
    ? [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)]
    : [];
  if (parts.length === 0) {
    throw new RangeError(`not a duration, which is milliseconds or text like '15m': ${duration.slice(0, 60)}`);
  }
  const sum = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit], 0);
  return duration.startsWith('-') ? -sum : sum;
}

/** As the daemon has it: whole nanoseconds. @throws RangeError */
export function nanoseconds(duration: Duration): number {
  return Math.round(milliseconds(duration) * 1e6);
}
