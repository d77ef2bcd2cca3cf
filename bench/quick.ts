import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from './harness/bench.js';
import type { LoadTool } from './harness/load-tool.js';
import { type Options, ROOT } from './options.js';
import { figure, median } from './report/row.js';
import { echoSample } from './scenarios/memory-throughput.js';

const BASELINE = join(ROOT, 'bench', 'baseline.json');
const ROUNDS = 3;
/** A ratio that keeps so much of the baseline's is no loss. */
const KEPT = 0.7;
const UNITS = 100_000;
const FILLED = 100_000;

/** Throughput of the daemon as a multiple of the echo server's, by what was measured: no absolute figures. */
type Ratios = Record<string, number>;

/**
 * Measures a few ratios, up to three times. One that is at least 0.7 of the committed baseline once is good: on a machine
 * that does other things too, a round may be slow by chance, but not three in a row.
 *
 * @returns the exit status: 77 when there is nothing to compare with
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
    await bench.stopAll();
  }
}

async function compare(bench: Bench, say: (line: string) => void): Promise<number> {
  const { ratios: baseline } = JSON.parse(readFileSync(BASELINE, 'utf8')) as { ratios: Ratios };
  const measure = await prepare(bench);
  const lost = new Set(Object.keys(baseline));
  for (let round = 1; round <= ROUNDS && lost.size > 0; round++) {
    const ratios = await measure();
    for (const [name, expected] of Object.entries(baseline)) {
      const share = ratios[name] / expected;
      if (share >= KEPT) lost.delete(name);
      say(
        `round ${round}: ${name} ${figure(ratios[name])} × echo, ${figure(share)} of the baseline ${figure(expected)}`,
      );
    }
  }
  if (lost.size === 0) return 0;
  say(`fell by over 30% ${ROUNDS} times in a row: ${[...lost].join(', ')}`);
  return 1;
}

async function update(bench: Bench, say: (line: string) => void): Promise<number> {
  const measure = await prepare(bench);
  const rounds: Ratios[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure());
  const ratios = Object.fromEntries(
    Object.keys(rounds[0]).map((name) => [name, Number(median(rounds.map((each) => each[name])).toPrecision(3))]),
  );
  writeFileSync(BASELINE, `${JSON.stringify({ ratios }, null, 2)}\n`);
  say(JSON.stringify(ratios));
  return 0;
}

/** Starts the servers. @returns what takes one round of all ratios, each next to its limit */
async function prepare(bench: Bench): Promise<() => Promise<Ratios>> {
  const echo = await bench.limit('echo');
  const daemon = await bench.filledDaemon(UNITS);
  let first = UNITS;
  const ratioAt = async (connections: number) => {
    const limit = await echoSample(bench, echo, connections);
    const recycled = await bench.sample(daemon, { mode: 'recycle', connections });
    return { limit, ratio: recycled.perSecond / limit.perSecond };
  };
  return async () => {
    const many = await ratioAt(800);
    const some = await ratioAt(64);
    const filled = await bench.fill(daemon, { total: FILLED, first });
    first += FILLED;
    return {
      'recycle, 800 connections': many.ratio,
      'recycle, 64 connections': some.ratio,
      'units added, 1,000 a call': FILLED / filled.groups[0].doneAt / some.limit.perSecond,
    };
  };
}
