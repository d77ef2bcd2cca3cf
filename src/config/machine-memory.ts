import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The memory that this process can have, in bytes: the machine's, or the least that a cgroup allows which it is in. Those
 * above its own count too. A container often sees its cgroup as the root, whatever the path that it reads of itself.
 *
 * @param root - where proc and sys are found
 */
export function machineMemory(root = '/', total = totalmem()): number {
  const limits = [total];
  for (const line of read(join(root, 'proc/self/cgroup')).split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (controllers === '') limits.push(...version2(join(root, 'sys/fs/cgroup'), path));
    else if (controllers.split(',').includes('memory'))
      limits.push(...version1(join(root, 'sys/fs/cgroup/memory'), path));
  }
  return Math.min(...limits);
}

function version2(mount: string, path: string): number[] {
  return upwards(path).flatMap((group) => [
    ...number(read(join(mount, group, 'memory.max'))),
    ...number(read(join(mount, group, 'memory.high'))),
  ]);
}

function version1(mount: string, path: string): number[] {
  return upwards(path).flatMap((group) => number(read(join(mount, group, 'memory.limit_in_bytes'))));
}

/** A path and all above it, the root included. */
function upwards(path: string): string[] {
  const paths = [path];
  while (paths[paths.length - 1] !== dirname(paths[paths.length - 1])) paths.push(dirname(paths[paths.length - 1]));
  return paths;
}

/** Nothing where it is no number: "max" is no limit. */
function number(text: string): number[] {
  return /^\d+\s*$/.test(text) && Number(text) > 0 ? [Number(text)] : [];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
