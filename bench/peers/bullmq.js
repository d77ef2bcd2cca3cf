// Jobs a second that BullMQ works off, printed as JSON: node bullmq.js URL JOBS SECONDS CONCURRENCY
import process from 'node:process';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { measure } from './measured.js';

const [url, ...numbers] = process.argv.slice(2);
const [jobs, seconds, concurrency] = numbers.map(Number);
const name = 'load';
const connect = () => new Redis(url, { maxRetriesPerRequest: null });

const queue = new Queue(name, { connection: connect() });
// What is done is deleted, which is less to do than keeping it.
const opts = { removeOnComplete: true, removeOnFail: true };
for (let at = 0; at < jobs; at += 1000) {
  const size = Math.min(1000, jobs - at);
  await queue.addBulk(Array.from({ length: size }, (_, index) => ({ name: 'noop', data: { x: at + index }, opts })));
}

let done = 0;
const worker = new Worker(name, async () => void done++, { connection: connect(), concurrency });
worker.on('error', (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
await measure(jobs, seconds, () => done);
process.exit(0);
