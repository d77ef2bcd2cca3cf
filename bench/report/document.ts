import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { chartOf } from './chart.js';
import type { Machine, Outcome } from './files.js';
import { describeBar, figure, type Row, verdictOf } from './row.js';
import { tableOf } from './table.js';

const BEGIN = '<!-- results: written by npm run bench -- --document -->';
const END = '<!-- end of results -->';

/** The scenario that docs/performance.md has a chart of: other queues on the same PostgreSQL. */
const CHARTED = 'postgres-cycle';

/** What the chart shows: throughput alone, each queue once. Jobs of others are what units are here. */
export function chartedRows(rows: readonly Row[]): Row[] {
  return rows
    .filter(({ unit, bar }) => unit.endsWith('/s') && !bar)
    .map(({ what, value }) => ({
      what: what.replace(/ \(.*$/, '').replace(/^cycles/, 'Coordinate'),
      value,
      unit: 'units/s',
    }));
}

/** Replaces what stands between the markers in docs/performance-notebook.md by the outcomes of one run, and the chart of docs/performance.md. */
export async function writeDocument(root: string, machine: Machine, outcomes: readonly Outcome[]): Promise<void> {
  const path = join(root, 'docs', 'performance-notebook.md');
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path} has no place for results`);
  const document = `${text.slice(0, begin)}${BEGIN}\n\n${sectionOf(machine, outcomes)}\n${text.slice(end)}`;
  const options = await resolveConfig(path);
  writeFileSync(path, await format(document, { ...options, filepath: path }));
  const charted = outcomes.find(({ name }) => name === CHARTED);
  if (!charted) return;
  const chart = chartOf('Units per second, claimed and finished on one PostgreSQL', chartedRows(charted.rows));
  writeFileSync(join(root, 'docs', 'images', 'performance.svg'), chart);
}

/** The outcome of a scenario as an earlier part of the run left it. */
export function readOutcome(folder: string, name: string): Outcome | undefined {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Outcome) : undefined;
}

function sectionOf({ processor, cores, memoryGiB, node, commit, date }: Machine, outcomes: readonly Outcome[]): string {
  const where = `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}, ${date.slice(0, 10)}.`;
  const rows = outcomes.flatMap((outcome) =>
    outcome.rows.filter(({ bar }) => bar).map((row) => barLine(outcome.name, row)),
  );
  const bars = ['| scenario | what | bar | measured | ratio | |', '| --- | --- | --- | --- | --- | --- |', ...rows];
  const details = outcomes.map(
    ({ name, title, rows: all }) => `### ${title}\n\n\`npm run bench -- ${name}\`\n\n${tableOf(all)}`,
  );
  return [where, bars.join('\n'), '## Everything measured', ...details].join('\n\n');
}

function barLine(scenario: string, row: Row): string {
  const { what, value, unit, ratio, bar } = row;
  const against = ratio ? `${figure(ratio.value)} × ${ratio.of}` : '';
  return `| ${scenario} | ${what} | ${describeBar(bar!)} | ${figure(value)} ${unit} | ${against} | ${verdictOf(row)} |`;
}
