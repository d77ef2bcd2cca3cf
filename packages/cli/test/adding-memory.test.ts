import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { beforeAll, expect, it } from 'vitest';
import { sized } from '../../../test/support/full-size.js';
import { shared } from '../../../test/support/shared.js';
import { type Started, startAll } from './started.js';

const USUAL = 5_000;
/** What adding any number of units may take besides what adding one takes, in MiB: some batches, and garbage not yet collected. */
const MOST_MIB = 100;

let started: Started;
let command: string;
/** Has a program write down, as it ends, most of the memory that it has had: of its own, which resourceUsage() may not tell. */
let witness: string;

beforeAll(async () => {
  started = await startAll(['-cborrpc', 'off']);
  command = await shared('/cli');
  witness = join(started.folder, 'witness.mjs');
  writeFileSync(
    witness,
    `import { readFileSync, writeFileSync } from 'node:fs';
    process.on('exit', () => {
      const status = readFileSync('/proc/self/status', 'utf8');
      writeFileSync(process.env.WITNESS, /^VmHWM:\\s+(\\d+) kB$/m.exec(status)[1]);
    });`,
  );
  return () => started.stop();
});

/** Adds a file of units to a work spec. @returns most of the memory that took, in MiB */
async function adds(spec: string, format: string, file: string): Promise<number> {
  const told = join(started.folder, 'told');
  const env = { ...process.env, COORDINATE_URL: started.url, NODE_OPTIONS: `--import=${witness}`, WITNESS: told };
  const argv = [command, 'unit', 'add', spec, '-u', file, '--format', format];
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number];
  expect([status, stderr]).toEqual([0, '']);
  return Number(readFileSync(told, 'utf8')) / 1024;
}

const TEXT = 'x'.repeat(50);

// A million at once are the client's to show; here it is the command's reading of files, of which YAML costs most by far.
it.each<readonly [format: string, units: number, head: string, line: (i: number) => string]>([
  ['jsonl', sized(300_000, USUAL), '', (i) => `{"name": "unit ${i}", "data": {"width": ${i}, "text": "${TEXT}"}}\n`],
  ['csv', sized(100_000, USUAL), 'name,width,text\n', (i) => `unit ${i},${i},${TEXT}\n`],
  ['yaml', sized(50_000, USUAL), '', (i) => `- name: unit ${i}\n  data: {width: ${i}, text: ${TEXT}}\n`],
  ['names', sized(300_000, USUAL), '', (i) => `unit ${i}\n`],
])('adds any number of units of a file of %s in the memory of a few batches', async (format, units, head, line) => {
  const spec = started.coordinate.in('').spec(`of ${format}`);
  const file = join(started.folder, `units.${format}`);
  await spec.set();
  writeFileSync(file, head + line(0));
  const one = await adds(spec.name, format, file);
  const lines = function* (): Generator<string> {
    yield head;
    for (let i = 0; i < units; i++) yield line(i);
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const grownBy: number[] = [];
  // Where other programs leave no core to the collector of garbage, more of that lies about: a leak is there each time.
  while (grownBy.length < 3 && !grownBy.some((mib) => mib < MOST_MIB)) {
    grownBy.push((await adds(spec.name, format, file)) - one);
    expect((await spec.counts()).available).toBe(units);
  }
  expect(Math.min(...grownBy), `MiB in tries: ${grownBy.join(', ')}`).toBeLessThan(MOST_MIB);
  const last = await spec.unit(`unit ${units - 1}`).get();
  if (format !== 'names') expect(last.data).toMatchObject({ text: TEXT });
  await spec.delete({ timeout: 600_000 });
});
