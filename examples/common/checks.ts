import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';

/** One thing that has to be true of a run. */
export interface Check {
  readonly claim: string;
  readonly holds: boolean;
}

/** The names are all there, each once. */
export function sameNames(claim: string, found: readonly string[], wanted: readonly string[]): Check {
  const holds = found.length === wanted.length && isDeepStrictEqual(new Set(found), new Set(wanted));
  return { claim: `${claim}: ${found.length} of ${wanted.length}`, holds };
}

/** So many are there as there have to be. */
export function sameCount(claim: string, found: number, wanted: number): Check {
  return { claim: `${claim}: ${found} of ${wanted}`, holds: found === wanted };
}

/** Prints them. @returns whether all hold */
export function report(checks: readonly Check[]): boolean {
  for (const { claim, holds } of checks) say(`${holds ? 'ok  ' : 'FAIL'}  ${claim}`);
  return checks.every(({ holds }) => holds);
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
