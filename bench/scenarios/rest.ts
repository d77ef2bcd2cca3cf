import { rowOf } from '../harness/bench.js';
import type { Row } from '../report/row.js';
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

/** As many as the load tool of the historic Go project has. */
const FEW = 16;

/** Its programs open a connection for about every second request. */
export const restReconnect: Scenario = {
  name: 'rest-reconnect',
  title: 'REST: request_attempts and finish by clients that connect anew, against a bare Fastify route',
  async run(bench) {
    const limit = await bench.limit('fastify');
    const daemon = await bench.filledDaemon(500_000, [], { http: true });
    const overHttp = { port: daemon.httpPort };
    // What has just started has most of its code interpreted, for more requests than are made here before each measurement.
    await bench.sample(limit, { mode: 'rest-cycle', connections: CONNECTIONS });
    await bench.sample(daemon, { mode: 'rest-cycle', connections: CONNECTIONS, ...overHttp });
    const rows: Row[] = [];
    for (const [reconnect, what] of [
      [1, 'each request'],
      [2, 'every second request'],
    ] as const) {
      const group = { mode: 'rest-cycle', connections: FEW, reconnect } as const;
      const [bare, attempts] = await bench.interleave([
        () => bench.sample(limit, group),
        () => bench.sample(daemon, { ...group, ...overHttp }),
      ]);
      rows.push(
        rowOf(`a bare route, a connection for ${what}, ${FEW} at a time`, bare, { unit: 'requests/s' }),
        rowOf(`request_attempts and finish, a connection for ${what}, ${FEW} at a time`, attempts, {
          unit: 'requests/s',
          against: { samples: bare, name: 'bare' },
          bar: { atLeast: 0.6 },
        }),
      );
    }
    return rows;
  },
};
