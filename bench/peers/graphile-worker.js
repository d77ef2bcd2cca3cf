// Jobs a second that graphile-worker works off, printed as JSON: node graphile-worker.js URL JOBS SECONDS CONCURRENCY LOCAL_QUEUE
// LOCAL_QUEUE 0: none, each job is fetched and completed by itself.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';

const [connectionString, ...numbers] = process.argv.slice(2);
const [jobs, seconds, concurrentJobs, localQueue] = numbers.map(Number);
const logger = new Logger(() => () => undefined);

const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();
await utils.release();
const client = new pg.Client({ connectionString });
await client.connect();
await client.query(
  `select graphile_worker.add_jobs(array(
     select row('noop', json_build_object('x', n), null, null, null, null, null, null)::graphile_worker.job_spec
     from generate_series(1, $1) as n))`,
  [jobs],
);
await client.query('vacuum analyze');
await client.end();

let done = 0;
const batching =
  localQueue > 0 ? { localQueue: { size: localQueue }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {};
const runner = await run({
  taskList: { noop: () => void done++ },
  preset: {
    worker: {
      connectionString,
      concurrentJobs,
      maxPoolSize: concurrentJobs + 4,
      pollInterval: 200,
      logger,
      ...batching,
    },
  },
});
const warmup = Math.min(2, seconds / 2);
await sleep(warmup * 1000);
const [from, begun, cpu] = [done, performance.now(), process.cpuUsage()];
process.stdout.write('{"event":"begin"}\n');
while (done < jobs && performance.now() - begun < seconds * 1000) await sleep(20);
const elapsed = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write('{"event":"end"}\n');
process.stdout.write(
  `${JSON.stringify({ event: 'result', jobs: done - from, seconds: elapsed, cpu: (user + system) / 1e6 })}\n`,
);
await runner.stop();
process.exit(0);
