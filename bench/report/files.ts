import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { chartOf } from './chart.js';
import type { Row } from './row.js';
import { verdictOf } from './row.js';
import { tableOf } from './table.js';

/** What a scenario measured. */
export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Where and on what it was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
}

export function describeMachine(root: string): Machine {
  const [processor] = cpus();
  return {
    processor: processor?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    commit: commitOf(root),
    date: new Date().toISOString(),
  };
}

/** Writes NAME.json and NAME.svg of a scenario. */
export function writeOutcome(folder: string, machine: Machine, outcome: Outcome): void {
  mkdirSync(folder, { recursive: true });
  const rows = outcome.rows.map((row) => ({ ...row, verdict: verdictOf(row) }));
  const json = JSON.stringify({ ...outcome, machine, rows }, null, 1);
  writeFileSync(join(folder, `${outcome.name}.json`), `${json}\n`);
  writeFileSync(join(folder, `${outcome.name}.svg`), chartOf(outcome.title, outcome.rows));
}

/** Writes results.md: the tables of a whole run. */
export function writeSummary(folder: string, machine: Machine, outcomes: readonly Outcome[], caveat?: string): void {
  const { processor, cores, memoryGiB, node, commit, date } = machine;
  const head = `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}, ${date}`;
  const tables = outcomes.map(({ title, rows }) => `## ${title}\n\n${tableOf(rows)}`);
  writeFileSync(join(folder, 'results.md'), [`# ${head}\n`, ...(caveat ? [`${caveat}\n`] : []), ...tables].join('\n'));
}

function commitOf(root: string): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
