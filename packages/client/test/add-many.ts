/** A program of its own, whose memory is looked at: add-many.js URL COUNT adds so many units, and tells its parent how that went. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { connect, type UnitToAdd } from 'coordinate-client';

/**
 * Most of the memory this process has had, in KiB. What resourceUsage() tells as maxRSS begins, on Linux, at what the program that
 * started this one had in memory, and so says nothing of a small program that a large one has started.
 */
function highWater(): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line![1]);
}

const emptyRss = process.memoryUsage().rss / 1024;
const [url, count] = process.argv.slice(2);
const coordinate = connect(url, { namespace: 'many' });
const spec = coordinate.spec('many');

async function* units(): AsyncGenerator<UnitToAdd> {
  for (let i = 0; i < Number(count); i++)
    yield Promise.resolve({ name: `unit ${i}`, data: { width: i, text: 'x'.repeat(50) } });
}

await spec.set();
const { added } = await spec.add(units());
const { available } = await spec.counts();
process.send!({ added, available, maxRss: highWater(), emptyRss });
coordinate.close();
process.disconnect();
