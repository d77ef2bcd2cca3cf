// Units a second that a Worker of coordinate-client works off, printed as JSON:
// node worker.js URL UNITS SECONDS CONCURRENCY PREFETCH [DATABASE], the database that the daemon is on.
// The same of bench/peers print the same.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, Worker } from 'coordinate-client';
import pg from 'pg';

const [url, ...rest] = process.argv.slice(2);
const [units, seconds, concurrency, prefetch] = rest.slice(0, 4).map(Number);
const database = rest.at(4);

const coordinate = connect(url);
await coordinate.setSpec({ name: 'load' });
await coordinate.spec('load').add(load(), { concurrency: 2 });
// As those of bench/peers do with theirs.
if (database !== undefined) await vacuum(database);

let done = 0;
const worker = new Worker(coordinate, { load: () => void done++ }, { concurrency, prefetch, signals: false });
const working = worker.run();
const warmup = Math.min(2, seconds / 2);
await sleep(warmup * 1000);
const [from, begun, cpu] = [done, performance.now(), process.cpuUsage()];
say({ event: 'begin' });
while (done < units && performance.now() - begun < seconds * 1000) await sleep(20);
const elapsed = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(cpu);
const jobs = done - from;
say({ event: 'end' });
await worker.stop();
await working;
// What was done and is not known as such would be no work done.
const { finished } = await coordinate.spec('load').counts();
if (finished !== done) throw new Error(`${done} units were done, and ${finished} are finished`);
say({ event: 'result', jobs, seconds: elapsed, cpu: (user + system) / 1e6 });
process.exit(0);

function* load() {
  for (let x = 0; x < units; x++) yield { name: `unit-${x}`, data: { x } };
}

async function vacuum(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.end();
}

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
