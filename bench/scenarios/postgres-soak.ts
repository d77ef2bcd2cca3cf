import type { Bench } from '../harness/bench.js';
import type { Row } from '../report/row.js';
import { median } from '../report/row.js';
import { filledDatabase, topUp } from './postgres.js';
import { count, type Scenario } from './scenario.js';

const SEGMENT_S = 20;
const UNITS = 200_000;
const KEPT = 100_000;
const CONNECTIONS = 64;

interface Segment {
  readonly rate: number;
  readonly wait: number;
  /** CPU of daemon and database per unit in microseconds, which other programs change less than the rate. */
  readonly cpu: number;
  /** Of the database on disk, log aside. */
  readonly bytes: number;
}

export const soak: Scenario = {
  name: 'postgres-soak',
  title: `PostgreSQL: minutes of cycles with new units, ${count(KEPT)} finished ones kept, autovacuum on`,
  askedFor: true,
  async run(bench) {
    const database = await filledDatabase(bench, UNITS, ['-retain-finished', String(KEPT)]);
    const segments: Segment[] = [];
    let next = UNITS;
    const wanted = Math.max(6, Math.round((bench.options.minutes * 60) / SEGMENT_S));
    for (let at = 1; at <= wanted; at++) {
      next += await topUp(bench, database, UNITS, next);
      const segment = await runSegment(bench, database);
      segments.push(segment);
      const size = `${Math.round(segment.bytes / 2 ** 20)} MiB`;
      bench.say(
        `${at * SEGMENT_S} s: ${count(Math.round(segment.rate))} units/s, ${Math.round(segment.cpu)} µs of CPU each, ${size} on disk`,
      );
    }
    return rowsOf(segments);
  },
};

async function runSegment(bench: Bench, database: Awaited<ReturnType<typeof filledDatabase>>): Promise<Segment> {
  const { server, url } = database;
  const { groups, seconds, watched } = await bench.load({
    groups: [{ mode: 'cycle', port: server.port, connections: CONNECTIONS, worker: 'soak' }],
    seconds: SEGMENT_S,
    warmup: 1,
    watch: { both: () => [server.pid, ...bench.databaseProcesses()] },
  });
  const bytes = await (await bench.database()).size(url);
  const { cycles, latency } = groups[0];
  return { rate: cycles / seconds, wait: latency.max, cpu: (watched.both * 1e6) / cycles, bytes };
}

function rowsOf(segments: readonly Segment[]): Row[] {
  const third = Math.floor(segments.length / 3);
  const sizes = segments.map(({ bytes }) => bytes / 2 ** 20);
  const costs = segments.map(({ cpu }) => cpu);
  const rates = segments.map(({ rate }) => rate);
  return [
    {
      what: 'size on disk in the last third of the time against the second',
      value: median(sizes.slice(-third)) / median(sizes.slice(third, 2 * third)),
      unit: '×',
      bar: { atMost: 1.1 },
    },
    {
      what: 'CPU of daemon and database per unit in the last third of the time against the second',
      value: median(costs.slice(-third)) / median(costs.slice(third, 2 * third)),
      unit: '×',
      bar: { atMost: 1.1 },
    },
    { what: 'largest size on disk', value: Math.max(...sizes), unit: 'MiB' },
    { what: 'median CPU of daemon and database per unit', value: median(costs), unit: 'µs' },
    { what: 'median rate', value: median(rates), unit: 'units/s' },
    { what: 'longest wait', value: Math.max(...segments.map(({ wait }) => wait)), unit: 'ms' },
  ];
}
