import type { Bench } from '../harness/bench.js';
import { rowOf } from '../harness/bench.js';
import type { Server } from '../harness/server.js';
import type { Row } from '../report/row.js';
import { count, type Scenario } from './scenario.js';

const CONNECTIONS = 64;

export const chain: Scenario = {
  name: 'memory-chain',
  title: 'Memory: finishing with an output that chains into the next spec',
  async run(bench) {
    const daemon = await bench.daemon();
    await bench.control(daemon, (control) =>
      control.setWorkSpecs({ name: 'load', then: 'next', weight: 1 }, { name: 'next', weight: 1 }),
    );
    await bench.fill(daemon, { total: 500_000, prefix: 'part-' });
    const sample = await bench.sample(daemon, { mode: 'chain', connections: CONNECTIONS }, 'cycles');
    const next = await bench.control(daemon, (control) => control.counts('next'));
    if (!next.get(4)) throw new Error('nothing was chained');
    return [rowOf('units finished, every other one chained', [sample], { unit: 'units/s', note: 'CPU per unit' })];
  },
};

export const specs: Scenario = {
  name: 'memory-specs',
  title: 'Memory: 50 specs with weights 1 to 50 against one',
  async run(bench) {
    const one = await bench.filledDaemon(100_000);
    const fifty = await bench.daemon();
    const names = Array.from({ length: 50 }, (_, index) => `spec-${index + 1}`);
    await bench.control(fifty, (control) =>
      control.setWorkSpecs(...names.map((name, index) => ({ name, weight: index + 1 }))),
    );
    for (const spec of names) {
      await bench.load({
        groups: [{ mode: 'fill', port: fifty.port, spec, prefix: `${spec}-`, total: 2000, batch: 1000 }],
        seconds: 60,
        untilDone: true,
      });
    }
    const [ones, fifties] = await compareRecycling(bench, one, fifty);
    return [
      rowOf('one spec of 100,000 units', ones, { unit: 'RPC/s' }),
      rowOf('50 specs of 2,000 units', fifties, { unit: 'RPC/s', against: { samples: ones, name: 'one spec' } }),
    ];
  },
};

export const maxRunning: Scenario = {
  name: 'memory-max-running',
  title: 'Memory: a spec with max_running against one without',
  async run(bench) {
    const free = await bench.filledDaemon(100_000);
    const limited = await bench.daemon();
    await bench.control(limited, (control) => control.setWorkSpecs({ name: 'load', max_running: 1000 }));
    await bench.fill(limited, { total: 100_000 });
    const [frees, limiteds] = await compareRecycling(bench, free, limited);
    return [
      rowOf('without max_running', frees, { unit: 'RPC/s' }),
      rowOf('max_running 1,000', limiteds, { unit: 'RPC/s', against: { samples: frees, name: 'without' } }),
    ];
  },
};

function compareRecycling(bench: Bench, one: Server, other: Server) {
  return bench.interleave([
    () => bench.sample(one, { mode: 'recycle', connections: CONNECTIONS }),
    () => bench.sample(other, { mode: 'recycle', connections: CONNECTIONS }),
  ]);
}

export const data: Scenario = {
  name: 'memory-data',
  title: 'Memory: recycling units with data of 100 B, 10 KB and 1 MB',
  async run(bench) {
    const rows: Row[] = [];
    for (const [size, units, batch] of [
      [100, 100_000, 1000],
      [10_000, 10_000, 100],
      [1_000_000, 500, 1],
    ]) {
      const daemon = await bench.daemon();
      await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
      await bench.fill(daemon, { total: units, batch, size });
      const sample = await bench.sample(daemon, { mode: 'recycle', connections: CONNECTIONS });
      const megabytes = ((sample.perSecond / 2) * size) / 1e6;
      rows.push(
        rowOf(`data of ${count(size)} bytes`, [sample], {
          unit: 'RPC/s',
          note: `${count(Math.round(megabytes))} MB/s`,
        }),
      );
      await bench.stop(daemon);
    }
    return rows;
  },
};
