import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { machineMemory } from '../../src/config/machine-memory.js';

const TOTAL = 8_000_000_000;
const roots: string[] = [];

function memoryWith(files: Record<string, string>): number {
  const root = mkdtempSync(join(tmpdir(), 'machine-memory-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return machineMemory(root, TOTAL);
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

describe('the memory that the process can have', () => {
  it('is that of the machine without cgroups', () => {
    expect(memoryWith({})).toBe(TOTAL);
  });

  it.each([
    ['its own', { 'sys/fs/cgroup/a/b/memory.max': '1000000000\n', 'sys/fs/cgroup/a/memory.max': 'max\n' }, 1e9],
    ['one above', { 'sys/fs/cgroup/a/b/memory.max': 'max\n', 'sys/fs/cgroup/a/memory.max': '2000000000\n' }, 2e9],
    ['the one to slow it down at', { 'sys/fs/cgroup/a/b/memory.high': '500000000\n' }, 5e8],
    ['the root, as a container sees it', { 'sys/fs/cgroup/memory.max': '3000000000\n' }, 3e9],
    ['more than there is', { 'sys/fs/cgroup/memory.max': '9000000000\n' }, TOTAL],
  ])('is what a cgroup of version 2 allows: %s', (_, files, bytes) => {
    expect(memoryWith({ 'proc/self/cgroup': '0::/a/b\n', ...files })).toBe(bytes);
  });

  it.each([
    ['its own', { 'sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes': '1000000000\n' }, 1e9],
    ['the root, as a container sees it', { 'sys/fs/cgroup/memory/memory.limit_in_bytes': '2000000000\n' }, 2e9],
    ['none', { 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' }, TOTAL],
  ])('is what a cgroup of version 1 allows: %s', (_, files, bytes) => {
    const groups = '5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/\n';
    expect(memoryWith({ 'proc/self/cgroup': groups, ...files })).toBe(bytes);
  });
});
