import type { Bench } from '../harness/bench.js';
import type { Row } from '../report/row.js';

/** Something that is measured. A new one is an entry in the table of scenarios/index.ts. */
export interface Scenario {
  /** As it is named on the command line and in file names: `memory-cycle`. */
  readonly name: string;
  readonly title: string;
  /** Runs only when it is named, for it takes long or needs what not every machine has. */
  readonly askedFor?: boolean;
  /** How many units it needs at most: left out when the options allow fewer. */
  readonly units?: number;
  /** @returns the figures, in the order they are shown; servers that it started are stopped afterwards */
  run(bench: Bench): Promise<Row[]>;
}

export const MILLION = 1_000_000;

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
