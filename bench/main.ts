import { existsSync } from 'node:fs';
import { Bench } from './harness/bench.js';
import { type LoadTool, prepareLoadTool } from './harness/load-tool.js';
import { type Options, readOptions, ROOT, USAGE } from './options.js';
import { runQuick } from './quick.js';
import { readOutcome, writeDocument } from './report/document.js';
import { describeMachine, type Outcome, writeOutcome, writeSummary } from './report/files.js';
import { verdictOf } from './report/row.js';
import { tableOf } from './report/table.js';
import { SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit status: 1 when something could not be measured or a bar was missed, 2 for a wrong command line */
async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (options.list) {
    for (const { name, title, askedFor } of SCENARIOS)
      say(`${name.padEnd(20)} ${title}${askedFor ? ' (asked for)' : ''}`);
    return 0;
  }
  if (!existsSync(options.daemon)) {
    say(`${options.daemon} is not there: npm run build`);
    return 2;
  }
  const tool = prepareLoadTool(ROOT);
  if (options.quick || options.updateBaseline) return runQuick(options, tool, say);
  const scenarios = chosen(options);
  if (scenarios.length === 0) {
    say(`no scenario is called ${options.names.join(' or ')}; --list shows them`);
    return 2;
  }
  return runAll(scenarios, options, tool);
}

async function runAll(scenarios: readonly Scenario[], options: Options, tool: LoadTool): Promise<number> {
  const machine = describeMachine(ROOT);
  if (tool.caveat) say(tool.caveat);
  const bench = new Bench(options, tool, (line) => say(`  ${line}`));
  const outcomes: Outcome[] = [];
  let failed = false;
  if (options.peers) bench.peers.install(say);
  for (const scenario of scenarios) {
    say(`\n${scenario.name}: ${scenario.title}`);
    try {
      const outcome = { name: scenario.name, title: scenario.title, rows: await scenario.run(bench) };
      outcomes.push(outcome);
      writeOutcome(options.out, machine, outcome);
      say(tableOf(outcome.rows));
      failed ||= outcome.rows.some((row) => verdictOf(row) === 'missed');
    } catch (error) {
      failed = true;
      say(`  not measured: ${(error as Error).stack}`);
    } finally {
      await bench.stopAll();
    }
  }
  await bench.close();
  writeSummary(options.out, machine, outcomes, tool.caveat);
  if (options.document) {
    const all = SCENARIOS.map(
      ({ name }) => outcomes.find((outcome) => outcome.name === name) ?? readOutcome(options.out, name),
    );
    await writeDocument(
      ROOT,
      machine,
      all.filter((outcome) => outcome !== undefined),
    );
  }
  say(`\nresults are in ${options.out}`);
  return failed ? 1 : 0;
}

function chosen({ names, maxUnits }: Options): Scenario[] {
  return SCENARIOS.filter(({ name, askedFor, units = 0 }) => {
    if (names.length > 0) return names.some((wanted) => name.startsWith(wanted));
    return !askedFor && units <= maxUnits;
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
