import type { Bench, Sample } from '../harness/bench.js';
import { rowOf, sampleOf } from '../harness/bench.js';
import type { LoadGroup } from '../harness/load.js';
import type { Server } from '../harness/server.js';
import type { Row } from '../report/row.js';
import { median } from '../report/row.js';
import { fairnessRows } from './fairness.js';
import { fillRow } from './memory-adding.js';
import { queryRows } from './memory-latency.js';
import { count, MILLION, type Scenario } from './scenario.js';

const UNITS = 200_000;

export const cycle: Scenario = {
  name: 'postgres-cycle',
  title: 'PostgreSQL: get_work and update_work_unit(finished), one unit a call, against other queues',
  async run(bench) {
    const database = await bench.database();
    const daemon = await filledDatabase(bench, UNITS);
    const durability = daemon.server.logged(/PostgreSQL [^"]*synchronous_commit \w+/);
    bench.say(durability);
    const rows: Row[] = [];
    for (const connections of [64, 800]) {
      const cycles: Sample[] = [];
      const peers = new Map(
        PEERS.filter((peer) => peer.connections === connections).map((peer) => [peer, [] as number[]]),
      );
      for (let round = 0; round < bench.options.rounds; round++) {
        await topUp(bench, daemon, UNITS);
        await database.settle(daemon.url);
        cycles.push(await sample(bench, daemon.server, { mode: 'cycle', connections }, 'cycles'));
        if (!bench.options.peers) continue;
        for (const [peer, rates] of peers) {
          const url = await database.create();
          const args = [peer.jobs, bench.options.seconds, ...peer.args];
          const result = await bench.peers.runQueue(peer.script, url, args, { database: () => database.processes });
          await database.drop(url);
          rates.push(result.perSecond);
          bench.say(`${peer.name}: ${count(Math.round(result.perSecond))} jobs/s`);
          if (round === 0) rows.push({ what: peer.name, value: 0, unit: 'jobs/s', cpu: result.cpu });
        }
      }
      for (const [peer, rates] of peers) {
        const index = rows.findIndex(({ what }) => what === peer.name);
        if (index < 0) continue;
        rows[index] = { ...rows[index], value: median(rates) };
        const rounds = cycles.map(({ perSecond }, round) => perSecond / rates[round]);
        rows.push({
          what: `cycles, ${connections} connections, against it`,
          value: median(cycles.map(({ perSecond }) => perSecond)),
          unit: 'units/s',
          ratio: { value: median(rounds), of: peer.short, rounds },
          bar: { atLeast: peer.atLeast },
        });
      }
      rows.push(
        rowOf(`cycles, ${connections} connections`, cycles, { unit: 'units/s', note: `CPU per unit; ${durability}` }),
      );
    }
    return rows;
  },
};

/** What the daemon is compared with at a number of connections, and how many times as fast it should be. */
const PEERS = [
  {
    name: 'graphile-worker, 64 concurrent jobs, no local queue',
    short: 'graphile-worker',
    script: 'graphile-worker.js',
    jobs: 100_000,
    args: [64, 0],
    connections: 64,
    atLeast: 3,
  },
  {
    name: 'graphile-worker, local queue of 500',
    short: 'graphile-worker',
    script: 'graphile-worker.js',
    jobs: 400_000,
    args: [24, 500],
    connections: 800,
    atLeast: 0.5,
  },
  {
    name: 'pg-boss, batches of 1,000',
    short: 'pg-boss',
    script: 'pg-boss.js',
    jobs: 200_000,
    args: [2, 1000],
    connections: 800,
    atLeast: 1,
  },
] as const;

export const recycle: Scenario = {
  name: 'postgres-recycle',
  title: 'PostgreSQL: recycling 1,000 against 1,000,000 units',
  units: MILLION,
  async run(bench) {
    const few = await filledDatabase(bench, 1000);
    const many = await filledDatabase(bench, MILLION);
    const [fews, manys] = await bench.interleave([
      () => sample(bench, few.server, { mode: 'recycle', connections: 64 }),
      () => sample(bench, many.server, { mode: 'recycle', connections: 64 }),
    ]);
    return [
      rowOf('recycle, 1,000,000 units, 64 connections', manys, { unit: 'RPC/s' }),
      rowOf('recycle, 1,000 units, 64 connections', fews, {
        unit: 'RPC/s',
        against: { samples: manys, name: '1,000,000 units' },
        bar: { atMost: 1.5 },
      }),
    ];
  },
};

export const fill: Scenario = {
  name: 'postgres-fill',
  title: 'PostgreSQL: adding 200,000 units, 1,000 a call',
  async run(bench) {
    const rows: Row[] = [];
    for (const connections of [1, 8]) {
      const { server } = await filledDatabase(bench, 0);
      const watch = { daemon: () => [server.pid], database: bench.databaseProcesses };
      const result = await bench.fill(server, { total: UNITS, connections }, watch);
      rows.push(fillRow(`add_work_units, ${connections} connections`, [result], 30_000));
    }
    return rows;
  },
};

export const queries: Scenario = {
  name: 'postgres-queries',
  title: 'PostgreSQL: windows, counts and summary over 1,000,000 units',
  units: MILLION,
  run: async (bench) => queryRows(bench, ['-backend', await (await bench.database()).create()], 50),
};

export const fairness: Scenario = {
  name: 'postgres-fairness',
  title: 'PostgreSQL: pending work by weight, 1:2:5, 64 workers, units of 20–40 ms, 60 s',
  run: async (bench) => fairnessRows(bench, ['-backend', await (await bench.database()).create()]),
};

export const twoDaemons: Scenario = {
  name: 'postgres-two-daemons',
  title: 'PostgreSQL: two daemons on one database, 64 connections each',
  async run(bench) {
    const one = await filledDatabase(bench, UNITS);
    const other = await bench.daemon(['-backend', one.url]);
    const [alone, both] = await bench.interleave([
      async () => {
        await topUp(bench, one, UNITS);
        return sample(bench, one.server, { mode: 'cycle', connections: 64 }, 'cycles');
      },
      async () => {
        await topUp(bench, one, UNITS);
        // One load generator drives both: it ends with an error when a unit is handed out twice.
        const result = await bench.load({
          groups: [one.server, other].map(({ port }) => ({ mode: 'cycle', port, connections: 64 }) as const),
          seconds: bench.options.seconds,
          warmup: bench.options.warmup,
          watch: { daemon: () => [one.server.pid, other.pid], database: bench.databaseProcesses },
        });
        const cycles = result.groups[0].cycles + result.groups[1].cycles;
        const first = { ...result.groups[0], cycles };
        return sampleOf({ ...result, groups: [first] }, 'cycles');
      },
    ]);
    return [
      rowOf('one daemon, 64 connections', alone, { unit: 'units/s' }),
      rowOf('two daemons, 64 connections each, no unit twice', both, {
        unit: 'units/s',
        against: { samples: alone, name: 'one' },
        bar: { atLeast: 1 },
      }),
    ];
  },
};

interface OnDatabase {
  readonly server: Server;
  readonly url: string;
}

/** A daemon on a database of its own, with so many units of a work spec `load`. */
export async function filledDatabase(bench: Bench, units: number, flags: readonly string[] = []): Promise<OnDatabase> {
  const database = await bench.database();
  const url = await database.create();
  const server = await bench.daemon(['-backend', url, '-log-level', 'info', '-log-format', 'json', ...flags]);
  await bench.control(server, (control) => control.setWorkSpecs({ name: 'load' }));
  if (units > 0) await bench.fill(server, { total: units, connections: 4 });
  await database.settle(url);
  return { server, url };
}

/**
 * Adds as many new units as are missing from `units` available ones, and returns how many.
 *
 * @param first - the number in the name of the first; by default as many as there are units, none having been deleted
 */
export async function topUp(
  bench: Bench,
  { server }: Pick<OnDatabase, 'server'>,
  units: number,
  first?: number,
): Promise<number> {
  const counts = await bench.control(server, (control) => control.counts('load'));
  const all = [...counts.values()].reduce((sum, value) => sum + value, 0);
  const missing = Math.max(0, units - (counts.get(1) ?? 0));
  if (missing > 0) await bench.fill(server, { total: missing, first: first ?? all, connections: 4 });
  return missing;
}

function sample(
  bench: Bench,
  server: Server,
  group: Omit<LoadGroup, 'port'>,
  step: 'requests' | 'cycles' = 'requests',
) {
  return bench.sample(server, group, step, { database: bench.databaseProcesses });
}
