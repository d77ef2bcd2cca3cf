import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogOutput } from '../../src/observability/log-output.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-log-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A pipe whose writer is told when it is full. */
function pipe(): { fd: number; read: () => string } {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const chunk = Buffer.alloc(1_000_000);
  const read = (): string => {
    try {
      return chunk.toString('latin1', 0, readSync(fd, chunk));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
      throw error;
    }
  };
  return { fd, read };
}

test('everything is written by the time it is closed', async () => {
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const output = new LogOutput(fd);
  const lines = Array.from({ length: 10_000 }, (_, i) => `line ${i}\n`);
  for (const line of lines) output.write(line);
  await output.close(5_000);
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  expect(output.dropped).toBe(0);
  output.write('after the end');
  await output.close(5_000);
});

test('lines beyond what may wait are dropped, and said to be when there is room again', async () => {
  const { fd, read } = pipe();
  const output = new LogOutput(fd, 1_000_000);
  output.onDropped = (lines) => output.write(`dropped ${lines}\n`);
  const line = `${'x'.repeat(999)}\n`;
  for (let i = 0; i < 5_000; i++) output.write(line);
  expect(output.dropped).toBe(4_000);
  let text = '';
  await expect.poll(() => (text += read()), { interval: 5 }).toBe(`${line.repeat(1_000)}dropped 4000\n`);
  await output.close(1_000);
});

test('closing waits for a stuck reader no longer than it is told to', async () => {
  const { fd } = pipe();
  const output = new LogOutput(fd);
  output.write('x'.repeat(1_000_000));
  await output.close(300);
});

test('a file that cannot be written does not end the daemon', async () => {
  const fd = openSync('/dev/full', 'w');
  const output = new LogOutput(fd);
  output.write('lost\n');
  output.write('lost too\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  output.write('and this\n');
  await output.close(300);
});
