import type { Bench } from '../harness/bench.js';
import { type PythonRate, type PythonResult, PythonQueues } from '../harness/python-queues.js';
import { Redis } from '../harness/redis.js';
import { ROOT } from '../options.js';
import { median, type Row } from '../report/row.js';
import { count, type Scenario } from './scenario.js';

const ADDED = 100_000;
const PROCESSES = 4;

/** A queue, with its best settings, and where it keeps its jobs. `jobs`: how many it is given, as many as it has work for. */
interface Contender {
  readonly name: string;
  readonly queue: string;
  readonly on: 'redis' | 'memory' | 'postgres' | 'coordinate on postgres';
  readonly jobs: number;
}

const OURS: Contender = { name: 'Coordinate, memory', queue: 'queue_coordinate', on: 'memory', jobs: 4 * ADDED };
const OURS_ON_POSTGRES: Contender = {
  name: 'Coordinate, PostgreSQL',
  queue: 'queue_coordinate',
  on: 'coordinate on postgres',
  jobs: ADDED,
};
const PROCRASTINATE: Contender = {
  name: 'Procrastinate, PostgreSQL',
  queue: 'queue_procrastinate',
  on: 'postgres',
  jobs: ADDED,
};
const ON_REDIS: readonly Contender[] = [
  { name: 'Celery, prefork, Redis', queue: 'queue_celery', on: 'redis', jobs: ADDED },
  { name: 'RQ, SimpleWorker, Redis', queue: 'queue_rq', on: 'redis', jobs: ADDED },
  { name: 'Dramatiq, Redis', queue: 'queue_dramatiq', on: 'redis', jobs: ADDED },
];

export const pythonWorkers: Scenario = {
  name: 'python-workers',
  title: 'Python workers, 4 processes, a task that does nothing: beside Celery, RQ, Dramatiq and Procrastinate',
  askedFor: true,
  async run(bench) {
    const queues = new PythonQueues(ROOT);
    queues.install(bench.say);
    const all = [OURS, ...ON_REDIS, OURS_ON_POSTGRES, PROCRASTINATE];
    const results = new Map(all.map((contender) => [contender, [] as PythonResult[]]));
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const contender of all) {
        const result = await measure(bench, queues, contender);
        results.get(contender)!.push(result);
        const [adding, working] = [result.adding, result.working].map(({ perSecond }) => count(Math.round(perSecond)));
        bench.say(`${contender.name}: ${adding} added, ${working} done a second`);
      }
    }
    const rows = all.flatMap((contender) => rowsOf(contender, results.get(contender)!));
    return [...rows, ...barRows(results)];
  },
};

async function measure(bench: Bench, queues: PythonQueues, { queue, on, jobs }: Contender): Promise<PythonResult> {
  const { warmup, seconds } = bench.options;
  const run = { queue, jobs, processes: PROCESSES, warmup, seconds };
  if (on === 'redis') {
    const redis = await Redis.start(ROOT);
    try {
      return await queues.run({ ...run, url: redis.url, server: () => redis.processes });
    } finally {
      await redis.stop();
    }
  }
  if (on === 'memory') {
    const daemon = await bench.daemon(['-backend', 'memory']);
    const result = await queues.run({ ...run, url: `127.0.0.1:${daemon.port}`, server: () => [daemon.pid] });
    await bench.stop(daemon);
    return result;
  }
  const database = await bench.database();
  const url = await database.create();
  try {
    if (on === 'postgres') return await queues.run({ ...run, url, server: () => database.processes });
    const daemon = await bench.daemon(['-backend', url]);
    const server = () => [daemon.pid, ...database.processes];
    const result = await queues.run({ ...run, url: `127.0.0.1:${daemon.port}`, server });
    await bench.stop(daemon);
    return result;
  } finally {
    await database.drop(url);
  }
}

function rowsOf({ name, jobs }: Contender, results: readonly PythonResult[]): Row[] {
  return [
    rowOf(
      `${name}: ${count(jobs)} added`,
      results.map(({ adding }) => adding),
    ),
    rowOf(
      `${name}: done`,
      results.map(({ working }) => working),
    ),
  ];
}

/** The median of the rounds. */
function rowOf(what: string, rates: readonly PythonRate[]): Row {
  const value = median(rates.map(({ perSecond }) => perSecond));
  const [nearest] = [...rates].sort((a, b) => Math.abs(a.perSecond - value) - Math.abs(b.perSecond - value));
  return { what, value, unit: 'jobs/s', cpu: nearest.cpu };
}

function barRows(results: ReadonlyMap<Contender, readonly PythonResult[]>): Row[] {
  const row = (
    what: string,
    ours: Contender,
    others: readonly Contender[],
    of: string,
    part: keyof PythonResult,
    atLeast: number,
  ): Row => {
    const own = results.get(ours)!.map((result) => result[part].perSecond);
    const rounds = own.map((value, round) => {
      return value / Math.max(...others.map((other) => results.get(other)![round][part].perSecond));
    });
    return { what, value: median(own), unit: 'jobs/s', ratio: { value: median(rounds), of, rounds }, bar: { atLeast } };
  };
  return [
    row('done, memory, against the best on Redis', OURS, ON_REDIS, 'the best on Redis', 'working', 3),
    row('done, PostgreSQL, against Procrastinate', OURS_ON_POSTGRES, [PROCRASTINATE], 'Procrastinate', 'working', 3),
    row('added, memory, against the best of all', OURS, [...ON_REDIS, PROCRASTINATE], 'the best', 'adding', 10),
  ];
}
