import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from './harness/bench.js';
import type { LoadTool } from './harness/load-tool.js';
import { cpuSeconds, endedChildrenSeconds, machineSeconds } from './harness/processes.js';
import { type Options, ROOT } from './options.js';
import { figure, median } from './report/row.js';
import { echoSample } from './scenarios/memory-throughput.js';

const BASELINE = join(ROOT, 'bench', 'baseline.json');
const ROUNDS = 3;
/** A ratio that keeps so much of the baseline's is no loss. */
const KEPT = 0.7;
/** A round in which other processes used more cores than this says nothing about a loss. */
const DISTURBED = 0.3;
const UNITS = 100_000;
const FILLED = 100_000;

/** Throughput of the daemon as a multiple of the echo server's, by what was measured: no absolute figures. */
type Ratios = Record<string, number>;

interface Round {
  readonly ratios: Ratios;
  /** How many cores other processes used meanwhile. */
  readonly others: number;
}

/**
 * Measures a few ratios, up to three times. One that is at least 0.7 of the committed baseline once is good: a round may be
 * slow by chance, but not three in a row.
 *
 * @returns the exit status: 77 when nothing can be said, without a C compiler or beside other processes that need the cores
 */
export async function runQuick(options: Options, tool: LoadTool, say: (line: string) => void): Promise<number> {
  if (tool.caveat) {
    say(`skipped: ${tool.caveat}`);
    return 77;
  }
  const bench = new Bench({ ...options, seconds: 1, warmup: 0.7 }, tool, () => undefined);
  try {
    return options.updateBaseline ? await update(bench, say) : await compare(bench, say);
  } finally {
    await bench.close();
  }
}

async function compare(bench: Bench, say: (line: string) => void): Promise<number> {
  const { ratios: baseline } = JSON.parse(readFileSync(BASELINE, 'utf8')) as { ratios: Ratios };
  const measure = await prepare(bench);
  const lost = new Set(Object.keys(baseline));
  let others = 0;
  for (let number = 1; number <= ROUNDS && lost.size > 0; number++) {
    const round = await measure();
    others = Math.max(others, round.others);
    for (const [name, expected] of Object.entries(baseline)) {
      const share = round.ratios[name] / expected;
      if (share >= KEPT) lost.delete(name);
      say(`round ${number}: ${name} ${figure(round.ratios[name])} × echo, ${figure(share)} of the baseline`);
    }
  }
  if (lost.size === 0) return 0;
  if (others > DISTURBED) {
    say(`not judged: other processes used ${figure(others)} cores`);
    return 77;
  }
  say(`fell by over 30% ${ROUNDS} times in a row: ${[...lost].join(', ')}`);
  return 1;
}

async function update(bench: Bench, say: (line: string) => void): Promise<number> {
  const measure = await prepare(bench);
  const rounds: Round[] = [];
  for (let number = 0; number < ROUNDS; number++) rounds.push(await measure());
  const medianOf = (name: string) => Number(median(rounds.map(({ ratios }) => ratios[name])).toPrecision(3));
  const ratios = Object.fromEntries(Object.keys(rounds[0].ratios).map((name) => [name, medianOf(name)]));
  writeFileSync(BASELINE, `${JSON.stringify({ ratios }, null, 2)}\n`);
  say(
    `${JSON.stringify(ratios)}; other processes used ${figure(Math.max(...rounds.map(({ others }) => others)))} cores`,
  );
  return 0;
}

/** Starts the servers. @returns what takes one round of all ratios, each next to its limit */
async function prepare(bench: Bench): Promise<() => Promise<Round>> {
  const echo = await bench.limit('echo');
  const daemon = await bench.filledDaemon(UNITS);
  let first = UNITS;
  const ratioAt = async (connections: number) => {
    const limit = await echoSample(bench, echo, connections);
    const recycled = await bench.sample(daemon, { mode: 'recycle', connections });
    return { limit, ratio: recycled.perSecond / limit.perSecond };
  };
  const othersSeconds = () =>
    machineSeconds() - cpuSeconds(process.pid) - endedChildrenSeconds() - cpuSeconds(echo.pid) - cpuSeconds(daemon.pid);
  return async () => {
    const [begun, before] = [performance.now(), othersSeconds()];
    const many = await ratioAt(800);
    const some = await ratioAt(64);
    const filled = await bench.fill(daemon, { total: FILLED, first });
    first += FILLED;
    const others = ((othersSeconds() - before) * 1000) / (performance.now() - begun);
    const ratios = {
      'recycle, 800 connections': many.ratio,
      'recycle, 64 connections': some.ratio,
      'units added, 1,000 a call': FILLED / filled.groups[0].doneAt / some.limit.perSecond,
    };
    return { ratios, others };
  };
}
