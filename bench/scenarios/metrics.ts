import { fileURLToPath } from 'node:url';
import type { Bench, Sample } from '../harness/bench.js';
import type { Server } from '../harness/server.js';
import { median } from '../report/row.js';
import { count, type Scenario } from './scenario.js';

const UNITS = 100_000;
const CONNECTIONS = 64;
const NO_METRICS = new URL('../limits/no-metrics.js', import.meta.url);

/** What node is started with. */
const COUNTING: readonly string[] = [];
const BARE: readonly string[] = ['--import', fileURLToPath(NO_METRICS)];

/**
 * Ask for `--rounds 10`: what is measured is small. Of two daemons that are the same, the one that was started first is slower
 * by some percent, so that there are two of each kind, and each kind is first in every other round.
 */
export const metrics: Scenario = {
  name: 'metrics',
  title: 'Memory: what counting and timing cost, CPU per RPC with and without',
  askedFor: true,
  units: UNITS,
  async run(bench) {
    const counting = [await filled(bench, COUNTING)];
    const bare = [await filled(bench, BARE), await filled(bench, BARE)];
    counting.push(await filled(bench, COUNTING));
    const sampler = (servers: readonly Server[]) => {
      let round = 0;
      return () => bench.sample(servers[round++ % 2], { mode: 'recycle', connections: CONNECTIONS });
    };
    const [counted, uncounted] = await bench.interleave([sampler(counting), sampler(bare)]);
    const micros = (samples: readonly Sample[]): number[] => samples.map(({ cpu }) => cpu.daemon);
    const rounds = micros(counted).map((cost, round) => cost / micros(uncounted)[round]);
    const where = `recycle, ${count(UNITS)} units, ${CONNECTIONS} connections`;
    return [
      { what: `${where}, without metrics`, value: median(micros(uncounted)), unit: 'µs of CPU per RPC' },
      {
        what: `${where}, with metrics`,
        value: median(micros(counted)),
        unit: 'µs of CPU per RPC',
        ratio: { value: median(rounds), of: 'without metrics', rounds },
        bar: { atMost: 1.05 },
      },
    ];
  },
};

async function filled(bench: Bench, nodeFlags: readonly string[]): Promise<Server> {
  const server = await bench.daemon([], { nodeFlags });
  await bench.control(server, (control) => control.setWorkSpecs({ name: 'load' }));
  await bench.fill(server, { total: UNITS });
  return server;
}
