import type { Bench, Sample } from '../harness/bench.js';
import { rowOf } from '../harness/bench.js';
import type { Server } from '../harness/server.js';
import type { Row } from '../report/row.js';
import { count, MILLION, type Scenario } from './scenario.js';

const CONNECTIONS = [1, 64, 800, 5000];
const UNITS = [1000, 100_000, MILLION, 5 * MILLION];

/** The echo server under the same load as the daemon. */
export function echoSample(bench: Bench, echo: Server, connections: number): Promise<Sample> {
  return bench.sample(echo, { mode: 'cycle', connections, fixedReply: true });
}

export const echo: Scenario = {
  name: 'echo',
  title: 'The limit: a bare node:net server that answers a fixed reply',
  async run(bench) {
    const server = await bench.limit('echo');
    const rows: Row[] = [];
    for (const connections of CONNECTIONS) {
      const sample = await echoSample(bench, server, connections);
      rows.push(rowOf(`echo, ${count(connections)} connections`, [sample], { unit: 'RPC/s' }));
    }
    return rows;
  },
};

export const cycle: Scenario = {
  name: 'memory-cycle',
  title: 'Memory: get_work and update_work_unit(finished) against the limit',
  units: MILLION,
  async run(bench) {
    const limit = await bench.limit('echo');
    const daemon = await bench.filledDaemon(MILLION);
    const connections = 800;
    const [echoes, cycles] = await bench.interleave([
      () => echoSample(bench, limit, connections),
      async () => {
        await topUp(bench, daemon, MILLION);
        return bench.sample(daemon, { mode: 'cycle', connections });
      },
    ]);
    return [
      rowOf('echo, 800 connections', echoes, { unit: 'RPC/s' }),
      rowOf('cycle, 1,000,000 units, 800 connections', cycles, {
        unit: 'RPC/s',
        against: { samples: echoes, name: 'echo' },
        bar: { atLeast: 0.5 },
      }),
    ];
  },
};

export const recycle: Scenario = {
  name: 'memory-recycle',
  title: 'Memory: recycling 1,000 against 1,000,000 units',
  units: MILLION,
  async run(bench) {
    const limit = await bench.limit('echo');
    const few = await bench.filledDaemon(1000);
    const many = await bench.filledDaemon(MILLION);
    const connections = 64;
    const [echoes, fews, manys] = await bench.interleave([
      () => echoSample(bench, limit, connections),
      () => bench.sample(few, { mode: 'recycle', connections }),
      () => bench.sample(many, { mode: 'recycle', connections }),
    ]);
    const against = { samples: echoes, name: 'echo' };
    return [
      rowOf('echo, 64 connections', echoes, { unit: 'RPC/s' }),
      rowOf('recycle, 1,000,000 units, 64 connections', manys, { unit: 'RPC/s', against }),
      rowOf('recycle, 1,000 units, 64 connections', fews, {
        unit: 'RPC/s',
        against: { samples: manys, name: '1,000,000 units' },
        bar: { atMost: 1.3 },
      }),
    ];
  },
};

export const matrix: Scenario = {
  name: 'memory-matrix',
  title: 'Memory: units by connections, cycle and recycle',
  async run(bench) {
    const limit = await bench.limit('echo');
    const rows: Row[] = [];
    for (const units of UNITS.filter((size) => size <= bench.options.maxUnits)) {
      const daemon = await bench.filledDaemon(units);
      for (const connections of CONNECTIONS.filter((number) => number < units)) {
        const echoes = [await echoSample(bench, limit, connections)];
        const against = { samples: echoes, name: 'echo' };
        const where = `${count(units)} units, ${count(connections)} connections`;
        bench.say(where);
        const recycled = await bench.sample(daemon, { mode: 'recycle', connections });
        rows.push(rowOf(`recycle, ${where}`, [recycled], { unit: 'RPC/s', against }));
        if (units < MILLION) continue; // fewer would be finished before the measurement is
        await topUp(bench, daemon, units);
        const cycled = await bench.sample(daemon, { mode: 'cycle', connections });
        rows.push(rowOf(`cycle, ${where}`, [cycled], { unit: 'RPC/s', against }));
      }
      await bench.stop(daemon);
    }
    return rows;
  },
};

/**
 * Adds as many new units as are missing from `units` available ones.
 *
 * @param first number of the first new unit; by default what follows all that are there
 * @returns how many it added
 */
export async function topUp(bench: Bench, daemon: Server, units: number, first?: number): Promise<number> {
  const counts = await bench.control(daemon, (control) => control.counts('load'));
  const all = [...counts.values()].reduce((sum, value) => sum + value, 0);
  const missing = Math.max(0, units - (counts.get(1) ?? 0));
  if (missing > 0) await bench.fill(daemon, { total: missing, first: first ?? all });
  return missing;
}
