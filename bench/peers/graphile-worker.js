// Jobs a second that graphile-worker works off, printed as JSON: node graphile-worker.js URL JOBS SECONDS CONCURRENCY LOCAL_QUEUE
// LOCAL_QUEUE 0: none, each job is fetched and completed by itself.
import process from 'node:process';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { measure } from './measured.js';

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
await measure(jobs, seconds, () => done);
await runner.stop();
process.exit(0);
