const ZERO_TIME = '0001-01-01T00:00:00Z';

/** A moment of an answer; undefined for the zero time, which says that there is none. */
export function dateOf(text: string): Date | undefined {
  return text === ZERO_TIME ? undefined : new Date(text);
}

/** A moment as bodies have it; the zero time where there is none. @throws RangeError for an invalid Date */
export function timeText(moment: Date | null | undefined): string {
  return moment ? moment.toISOString() : ZERO_TIME;
}
