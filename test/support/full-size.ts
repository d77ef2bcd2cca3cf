/**
 * Whether tests run in their full size, as `bash test/full-size.sh` asks for, a stage of .ci/run: FULL_SIZE=1. `npm test` runs
 * what shows the same faults in smaller numbers, and leaves out what is only worth its time there.
 */
export const FULL_SIZE = process.env.FULL_SIZE === '1';

/** A number that is not worth its time in each `npm test`. */
export function sized(full: number, usual: number): number {
  return FULL_SIZE ? full : usual;
}

/** The first of some cases that differ in details only, all of them in full size. */
export function some<T>(cases: readonly T[], usual: number): readonly T[] {
  return FULL_SIZE ? cases : cases.slice(0, usual);
}
