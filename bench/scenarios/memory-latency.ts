import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../harness/bench.js';
import type { LoadMode } from '../harness/load.js';
import type { Server } from '../harness/server.js';
import type { Row } from '../report/row.js';
import { waitRows } from './memory-adding.js';
import { count, MILLION, type Scenario } from './scenario.js';

const LEASES = 100_000;
const LEASE_S = 6;

export const expiry: Scenario = {
  name: 'memory-expiry',
  title: 'Memory: 100,000 leases expire at one moment',
  async run(bench) {
    const daemon = await bench.filledDaemon(2 * LEASES);
    const { port } = daemon;
    // One call claims them all: they have one expiration.
    await bench.load({
      groups: [{ mode: 'claim', port, batch: LEASES, total: LEASES, lease: LEASE_S }],
      seconds: 60,
      untilDone: true,
    });
    const pending = await pendingOf(bench, daemon);
    if (pending !== LEASES) throw new Error(`${pending} leases instead of ${LEASES}`);
    const result = await bench.load({
      groups: [
        { mode: 'now', port, every: 1 },
        { mode: 'recycle', port, connections: 16, every: 4 },
      ],
      seconds: LEASE_S + 3,
    });
    if ((await pendingOf(bench, daemon)) >= LEASES) throw new Error('the leases have not expired');
    return [
      ...waitRows(result.groups[0], 'a probe every ms'),
      ...waitRows(result.groups[1], 'get_work and update_work_unit, 16 workers'),
    ];
  },
};

async function pendingOf(bench: Bench, daemon: Server): Promise<number> {
  const counts = await bench.control(daemon, (control) => control.counts('load'));
  return counts.get(3) ?? 0;
}

export const queries: Scenario = {
  name: 'memory-queries',
  title: 'Memory: windows, counts and summary over 1,000,000 units',
  units: MILLION,
  run: (bench) => queryRows(bench, [], 10),
};

/** How long it takes to look at 1,000,000 units of which every twentieth of the first 200,000 or so has failed. */
export async function queryRows(bench: Bench, flags: readonly string[], atMost: number): Promise<Row[]> {
  const daemon = await bench.daemon(flags, { http: true });
  await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
  await bench.fill(daemon, { total: MILLION });
  const { port, httpPort } = daemon;
  await bench.load({
    groups: [
      { mode: 'cycle', port, connections: 19 },
      { mode: 'fail', port, connections: 1 },
    ],
    seconds: 5,
  });
  const counts = await bench.control(daemon, (control) => control.counts('load'));
  const over = (counts.get(4) ?? 0) + (counts.get(5) ?? 0);
  bench.say(`${count(counts.get(5) ?? 0)} failed units among ${count(MILLION)}`);
  const ask = async (what: string, mode: LoadMode, to: number, range?: number): Promise<Row> => {
    const result = await bench.load({
      groups: [{ mode, port: to, every: 5, ...(range && { total: range, batch: 10 }) }],
      seconds: bench.options.seconds,
      warmup: bench.options.warmup,
    });
    const [{ latency, empty }] = result.groups;
    if (empty > 0) throw new Error(`${empty} windows were not full`);
    return { what: `longest wait: ${what}`, value: latency.max, unit: 'ms', bar: { atMost }, latency };
  };
  return [
    await ask('a window of 10 failed units', 'window', port, Math.floor(over * 0.9)),
    await ask('a window of 10 failed units (REST)', 'rest-failed', httpPort, Math.floor(over * 0.9)),
    await ask('a window of 10 units (REST)', 'rest-window', httpPort, MILLION - 11),
    await ask('counts', 'counts', port),
    await ask('summary (REST)', 'rest-summary', httpPort),
  ];
}

export const storm: Scenario = {
  name: 'memory-storm',
  title: 'Memory: all workers connect at once, and workers that connect for each poll',
  async run(bench) {
    const limit = await bench.limit('echo');
    const daemon = await bench.filledDaemon(100_000);
    const rows: Row[] = [];
    for (const connections of [800, 5000]) {
      for (const [name, server] of [
        ['echo', limit],
        ['daemon', daemon],
      ] as const) {
        const result = await bench.load({
          groups: [{ mode: 'recycle', port: server.port, connections, fixedReply: server === limit }],
          seconds: bench.options.seconds,
        });
        const [{ latency }] = result.groups;
        rows.push({
          what: `longest wait: ${name}, ${count(connections)} at once`,
          value: latency.max,
          unit: 'ms',
          latency,
        });
      }
      await sleep(500);
    }
    for (const [name, server] of [
      ['echo', limit],
      ['daemon', daemon],
    ] as const) {
      const sample = await bench.sample(server, {
        mode: 'reconnect',
        connections: 64,
        names: 'none',
        fixedReply: server === limit,
      });
      rows.push({
        what: `${name}: connect, poll, close; 64 at a time`,
        value: sample.perSecond,
        unit: 'polls/s',
        latency: sample.group.latency,
        cpu: sample.cpu,
      });
    }
    return rows;
  },
};
