import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { chartOf } from './chart.js';
import type { Machine, Outcome } from './files.js';
import { describeBar, figure, type Row, verdictOf } from './row.js';
import { tableOf } from './table.js';

/**
 * Where results stand: of the scenarios whose names begin with the words of the command, and where it has none, of all that have no place of
 * their own. What takes long is measured by itself, on another day and another machine than the rest.
 */
const PLACE =
  /<!-- results: written by npm run bench -- (?:([a-z0-9 -]*[a-z0-9]) )?--document -->[^]*?<!-- end of results -->/g;

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

/** Replaces what stands in docs/performance-notebook.md by the outcomes of one run, where it has any, and the chart of docs/performance.md. */
export async function writeDocument(root: string, machine: Machine, outcomes: readonly Outcome[]): Promise<void> {
  const path = join(root, 'docs', 'performance-notebook.md');
  const options = await resolveConfig(path);
  const document = withOutcomes(readFileSync(path, 'utf8'), machine, outcomes);
  writeFileSync(path, await format(document, { ...options, filepath: path }));
  const charted = outcomes.find(({ name }) => name === CHARTED);
  if (!charted) return;
  const chart = chartOf('Units per second, claimed and finished on one PostgreSQL', chartedRows(charted.rows));
  writeFileSync(join(root, 'docs', 'images', 'performance.svg'), chart);
}

/**
 * The text with these outcomes in their places; a place that none of them has stays as it is.
 *
 * @throws Error for an outcome without a place
 */
export function withOutcomes(text: string, machine: Machine, outcomes: readonly Outcome[]): string {
  const placesOf = (names: string | undefined): string[] => names?.split(' ') ?? [];
  const own = [...text.matchAll(PLACE)].flatMap(([, names]) => placesOf(names));
  const isOf = (places: readonly string[], { name }: Outcome): boolean =>
    places.some((place) => name.startsWith(place));
  const placed = new Set<Outcome>();
  const changed = text.replace(PLACE, (whole, names?: string) => {
    const places = placesOf(names);
    const here = outcomes.filter((outcome) => (names ? isOf(places, outcome) : !isOf(own, outcome)));
    if (here.length === 0) return whole;
    for (const outcome of here) placed.add(outcome);
    const [begin, end] = [whole.slice(0, whole.indexOf('\n')), whole.slice(whole.lastIndexOf('\n') + 1)];
    return [begin, sectionOf(machine, here, names ? [] : ['## Everything measured']), end].join('\n\n');
  });
  const lost = outcomes.filter((outcome) => !placed.has(outcome));
  if (lost.length > 0) throw new Error(`there is no place for results of ${lost.map(({ name }) => name).join(', ')}`);
  return changed;
}

/** The outcome of a scenario as an earlier part of the run left it. */
export function readOutcome(folder: string, name: string): Outcome | undefined {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Outcome) : undefined;
}

/** @param heading - between the bars and all the rest */
function sectionOf(machine: Machine, outcomes: readonly Outcome[], heading: readonly string[]): string {
  const { processor, cores, memoryGiB, node, commit, date } = machine;
  const where = `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}, ${date.slice(0, 10)}.`;
  const rows = outcomes.flatMap((outcome) =>
    outcome.rows.filter(({ bar }) => bar).map((row) => barLine(outcome.name, row)),
  );
  const bars = ['| scenario | what | bar | measured | ratio | |', '| --- | --- | --- | --- | --- | --- |', ...rows];
  const held = rows.length > 0 ? [bars.join('\n')] : [];
  const details = outcomes.map(
    ({ name, title, rows: all }) => `### ${title}\n\n\`npm run bench -- ${name}\`\n\n${tableOf(all)}`,
  );
  return [where, ...held, ...heading, ...details].join('\n\n');
}

function barLine(scenario: string, row: Row): string {
  const { what, value, unit, ratio, bar } = row;
  const against = ratio ? `${figure(ratio.value)} × ${ratio.of}` : '';
  return `| ${scenario} | ${what} | ${describeBar(bar!)} | ${figure(value)} ${unit} | ${against} | ${verdictOf(row)} |`;
}
