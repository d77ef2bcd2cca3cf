import type { Bench, Sample } from '../harness/bench.js';
import { rowOf } from '../harness/bench.js';
import type { LoadRun } from '../harness/load.js';
import type { Server } from '../harness/server.js';
import type { Row } from '../report/row.js';
import { median } from '../report/row.js';
import { filledDatabase, topUp } from './postgres.js';
import type { Scenario } from './scenario.js';

const CONNECTIONS = 64;
/** More than are done in the usual time. */
const UNITS = 300_000;
const UNITS_ON_DATABASE = 50_000;

/** None of them holds anything back: what is measured is what it costs to look. */
const FLOWS = {
  retry: { attempts: 5, backoff: 'exponential', delay: 10, jitter: 0.2 },
  rate_limit: { units: 1_000_000_000, burst: 1_000_000 },
  after: ['earlier'],
  schedule: { cron: '0 0 1 1 *' },
};

export const flow: Scenario = {
  name: 'flow-memory',
  title: 'Memory: claiming and finishing units of a spec with retry, rate_limit, after or schedule against one without',
  run: (bench) => flowRows(bench, UNITS, () => bench.daemon()),
};

export const postgresFlow: Scenario = {
  name: 'flow-postgres',
  title:
    'PostgreSQL: claiming and finishing units of a spec with retry, rate_limit, after or schedule against one without',
  run: (bench) => flowRows(bench, UNITS_ON_DATABASE, async () => (await filledDatabase(bench, 0)).server),
};

/** @param start - a daemon of its own for each contender */
async function flowRows(bench: Bench, units: number, start: () => Promise<Server>): Promise<Row[]> {
  const contenders: Server[] = [];
  for (const said of [{}, ...Object.entries(FLOWS).map(([key, value]) => ({ [key]: value }))]) {
    const server = await start();
    await bench.control(server, (control) => control.setWorkSpecs({ name: 'earlier' }, { name: 'load', flow: said }));
    contenders.push(server);
  }
  const [without, ...flows] = await bench.interleave(
    contenders.map((server) => async () => {
      await topUp(bench, { server }, units);
      const watch: LoadRun['watch'] = bench.databaseProcesses().length > 0 ? { database: bench.databaseProcesses } : {};
      return bench.sample(server, { mode: 'cycle', connections: CONNECTIONS }, 'cycles', watch);
    }),
  );
  return [
    rowOf('without', without, { unit: 'units/s', note: 'CPU per unit' }),
    ...Object.keys(FLOWS).map((key, index) =>
      rowOf(`with ${key}`, flows[index], {
        unit: 'units/s',
        against: { samples: without, name: 'without' },
        note: `processor time of the daemon ${timesOf(flows[index], without).toFixed(2)} × without`,
      }),
    ),
  ];
}

/** How many times as much processor time one takes as the other, by the median of the rounds. */
function timesOf(samples: readonly Sample[], against: readonly Sample[]): number {
  return median(samples.map(({ cpu }, round) => cpu.daemon / against[round].cpu.daemon));
}
