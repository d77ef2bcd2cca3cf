import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryLock } from '../../../src/storage/embedded/directory-lock.js';

let folder: string;
const held: DirectoryLock[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-lock-'));
});

afterEach(async () => {
  await Promise.all(held.splice(0).map((lock) => lock.release()));
  rmSync(folder, { recursive: true, force: true });
});

async function acquire(where = folder): Promise<boolean> {
  const lock = await DirectoryLock.acquire(where);
  if (lock) held.push(lock);
  return lock !== undefined;
}

test('only one of many at once gets it, again and again', async () => {
  for (let round = 0; round < 20; round++) {
    const won = await Promise.all(Array.from({ length: 8 }, () => acquire()));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await DirectoryLock.isHeld(folder)).toBe(true);
    await held.pop()!.release();
    expect(await DirectoryLock.isHeld(folder)).toBe(false);
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('lock-'))).toEqual([]);
});

test('ends with the process that holds it', async () => {
  const script = join(folder, 'hold.mjs');
  // The number that the first holder would take, listened on by a process of its own.
  writeFileSync(
    script,
    `import { createServer } from 'node:net'; createServer().listen(process.argv[2], () => process.send('held'));`,
  );
  const holder = fork(script, [join(folder, 'lock.7')]);
  await once(holder, 'message');
  expect(await acquire()).toBe(false);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(await acquire()).toBe(true);
  expect(await acquire()).toBe(false);
});

test('works below a path that is too long for a socket', async () => {
  const deep = join(folder, 'x'.repeat(100), 'y'.repeat(100));
  mkdirSync(deep, { recursive: true });
  const before = process.cwd();
  expect(await acquire(deep)).toBe(true);
  expect(await acquire(deep)).toBe(false);
  expect(process.cwd()).toBe(before);
});
