import type { Bench } from '../harness/bench.js';
import type { QueueResult, Watch } from '../harness/peers.js';
import { Redis } from '../harness/redis.js';
import { ROOT } from '../options.js';
import { median, type Row } from '../report/row.js';
import { count, type Scenario } from './scenario.js';

/** A queue with its best settings. `jobs`: how many it is given, as many as it has work for. */
interface Contender {
  readonly name: string;
  readonly jobs: number;
  readonly measure: (bench: Bench, jobs: number) => Promise<QueueResult>;
}

/** So many handlers at a time, and so many units beyond those. */
const OURS = { concurrency: 1_000, prefetch: 2_000 };

const MEMORY: Contender = {
  name: 'Coordinate, memory',
  jobs: 500_000,
  measure: (bench, jobs) => ours(bench, jobs),
};

const POSTGRES: Contender = {
  name: 'Coordinate, PostgreSQL',
  jobs: 300_000,
  measure: (bench, jobs) => onDatabase(bench, (url, database) => ours(bench, jobs, url, { database })),
};

const BULLMQ: Contender = {
  name: 'BullMQ, Redis, concurrency 100',
  jobs: 200_000,
  async measure(bench, jobs) {
    const redis = await Redis.start(ROOT);
    try {
      return await bench.peers.runQueue('bullmq.js', redis.url, [jobs, bench.options.seconds, 100], {
        redis: () => redis.processes,
      });
    } finally {
      await redis.stop();
    }
  },
};

const GRAPHILE_WORKER = peer('graphile-worker, local queue of 500', 'graphile-worker.js', 400_000, [24, 500]);
const PG_BOSS = peer('pg-boss, batches of 1,000', 'pg-boss.js', 200_000, [2, 1000]);

export const workers: Scenario = {
  name: 'workers',
  title: 'Workers of one process, a handler that does nothing: beside BullMQ, graphile-worker and pg-boss',
  askedFor: true,
  async run(bench) {
    bench.peers.install(bench.say);
    const all = [MEMORY, BULLMQ, POSTGRES, GRAPHILE_WORKER, PG_BOSS];
    const results = new Map(all.map((contender) => [contender, [] as QueueResult[]]));
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const contender of all) {
        const result = await contender.measure(bench, contender.jobs);
        results.get(contender)!.push(result);
        bench.say(`${contender.name}: ${count(Math.round(result.perSecond))} done a second`);
      }
    }
    const rows = all.map((contender) => rowOf(contender, results.get(contender)!));
    const against = (what: string, ours: Contender, other: Contender, of: string, atLeast: number): Row => {
      const own = results.get(ours)!.map(({ perSecond }) => perSecond);
      const rounds = own.map((value, round) => value / results.get(other)![round].perSecond);
      return {
        what,
        value: median(own),
        unit: 'jobs/s',
        ratio: { value: median(rounds), of, rounds },
        bar: { atLeast },
      };
    };
    return [
      ...rows,
      against('memory, against BullMQ', MEMORY, BULLMQ, 'BullMQ', 2),
      against('PostgreSQL, against graphile-worker', POSTGRES, GRAPHILE_WORKER, 'graphile-worker', 1),
      against('PostgreSQL, against pg-boss', POSTGRES, PG_BOSS, 'pg-boss', 2),
    ];
  },
};

/** Our worker, of a daemon on that database, or on none. */
async function ours(bench: Bench, jobs: number, url?: string, watch: Watch = {}): Promise<QueueResult> {
  const daemon = await bench.daemon(['-backend', url ?? 'memory'], { http: true });
  const args = [jobs, bench.options.seconds, OURS.concurrency, OURS.prefetch];
  const result = await bench.peers.runOurs(daemon.httpPort, args, { daemon: () => [daemon.pid], ...watch }, url);
  await bench.stop(daemon);
  return result;
}

function peer(name: string, script: string, jobs: number, args: readonly number[]): Contender {
  return {
    name,
    jobs,
    measure: (bench) =>
      onDatabase(bench, (url, database) =>
        bench.peers.runQueue(script, url, [jobs, bench.options.seconds, ...args], { database }),
      ),
  };
}

/** Gives it an empty database, which is gone afterwards. */
async function onDatabase<T>(
  bench: Bench,
  use: (url: string, database: () => readonly number[]) => Promise<T>,
): Promise<T> {
  const database = await bench.database();
  const url = await database.create();
  try {
    return await use(url, () => database.processes);
  } finally {
    await database.drop(url);
  }
}

/** The median of the rounds. */
function rowOf({ name }: Contender, results: readonly QueueResult[]): Row {
  const value = median(results.map(({ perSecond }) => perSecond));
  const [nearest] = [...results].sort((a, b) => Math.abs(a.perSecond - value) - Math.abs(b.perSecond - value));
  return { what: name, value, unit: 'jobs/s', cpu: nearest.cpu };
}
