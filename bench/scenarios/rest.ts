import { rowOf } from '../harness/bench.js';
import type { Scenario } from './scenario.js';

const CONNECTIONS = 64;

export const restCycle: Scenario = {
  name: 'rest-cycle',
  title: 'REST: request_attempts and finish against a bare Fastify route',
  async run(bench) {
    const limit = await bench.limit('fastify');
    const daemon = await bench.daemon([], { http: true });
    await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
    await bench.fill(daemon, { total: 500_000 });
    const overHttp = { port: daemon.httpPort };
    const [bare, attempts] = await bench.interleave([
      () => bench.sample(limit, { mode: 'rest-cycle', connections: CONNECTIONS }),
      () => bench.sample(daemon, { mode: 'rest-cycle', connections: CONNECTIONS, ...overHttp }),
    ]);
    return [
      rowOf('a bare route, 64 connections', bare, { unit: 'requests/s' }),
      rowOf('request_attempts and finish, 64 connections', attempts, {
        unit: 'requests/s',
        against: { samples: bare, name: 'bare' },
        bar: { atLeast: 0.5 },
      }),
    ];
  },
};
