/** A program of its own, whose memory is looked at: add-many.js URL COUNT adds so many units, and tells its parent how that went. */
import process from 'node:process';
import { connect, type UnitToAdd } from 'coordinate-client';

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
process.send!({ added, available, maxRss: process.resourceUsage().maxRSS, emptyRss });
coordinate.close();
process.disconnect();
