import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Says as JSON when it begins and ends to measure, and how many of so many jobs were done in so many seconds at most, by workers that are at work.
 * @param {() => number} done how many are done so far
 */
export async function measure(jobs, seconds, done) {
  const warmup = Math.min(2, seconds / 2);
  await sleep(warmup * 1000);
  const [from, begun, cpu] = [done(), performance.now(), process.cpuUsage()];
  say({ event: 'begin' });
  while (done() < jobs && performance.now() - begun < seconds * 1000) await sleep(20);
  const elapsed = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  say({ event: 'end' });
  say({ event: 'result', jobs: done() - from, seconds: elapsed, cpu: (user + system) / 1e6 });
}

function say(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
