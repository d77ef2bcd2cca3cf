// Jobs a second that pg-boss hands out and completes, printed as JSON: node pg-boss.js URL JOBS SECONDS FETCHERS BATCH
import process from 'node:process';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { measure } from './measured.js';

const [connectionString, ...numbers] = process.argv.slice(2);
const [jobs, seconds, fetchers, batchSize] = numbers.map(Number);
const queue = 'load';

const boss = new PgBoss({ connectionString, max: fetchers + 2, supervise: false, schedule: false });
boss.on('error', (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
await boss.start();
await boss.createQueue(queue);
for (let at = 0; at < jobs; at += 1000) {
  const size = Math.min(1000, jobs - at);
  await boss.insert(
    queue,
    Array.from({ length: size }, (_, index) => ({ data: { x: at + index } })),
  );
}
const client = new pg.Client({ connectionString });
await client.connect();
await client.query('vacuum analyze');
await client.end();

let done = 0;
let stopped = false;
async function work() {
  while (!stopped) {
    const fetched = await boss.fetch(queue, { batchSize });
    if (fetched.length === 0) return;
    await boss.complete(
      queue,
      fetched.map(({ id }) => id),
    );
    done += fetched.length;
  }
}
const working = Promise.all(Array.from({ length: fetchers }, work));
await measure(jobs, seconds, () => done);
stopped = true;
await working;
process.exit(0);
