import { rowOf } from '../harness/bench.js';
import type { Scenario } from './scenario.js';

const CONNECTIONS = 64;

export const front: Scenario = {
  name: 'front-cycle',
  title: 'Memory: a cycle through a daemon in front, against the one that keeps the state',
  async run(bench) {
    const behind = await bench.filledDaemon(500_000, [], { http: true });
    const inFront = await bench.daemon(['-backend', `http://127.0.0.1:${behind.httpPort}/`]);
    const group = { mode: 'cycle', connections: CONNECTIONS } as const;
    const [direct, through] = await bench.interleave([
      () => bench.sample(behind, group),
      () => bench.sample(inFront, group, 'requests', { behind: () => [behind.pid] }),
    ]);
    return [
      rowOf(`cycle, ${CONNECTIONS} connections`, direct, { unit: 'RPC/s' }),
      rowOf(`cycle through a daemon in front, ${CONNECTIONS} connections`, through, {
        unit: 'RPC/s',
        against: { samples: direct, name: 'the daemon behind' },
        bar: { atLeast: 0.25 },
      }),
    ];
  },
};
