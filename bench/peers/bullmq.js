// Jobs a second that BullMQ works off, printed as JSON: node bullmq.js URL JOBS SECONDS CONCURRENCY
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

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
process.exit(0);
