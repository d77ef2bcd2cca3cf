import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';

const NAME = /^lock\.(\d+)$/;

/** Whether a file in the folder belongs to a lock. */
export function isLockFile(name: string): boolean {
  return NAME.test(name) || name.startsWith('lock-');
}

/**
 * A lock of a folder that ends with the process that holds it, however that ends: a socket that it listens on. Nothing
 * is believed of a process number in a file, which may be another program's by now.
 *
 * The sockets are numbered. Who finds the one of the highest number dead listens on one of its own, links it to the next
 * number, which only one can do, and makes sure that there is none above. The highest number never gets less, so that two
 * who act on what they saw at different times can not both succeed.
 */
export class DirectoryLock {
  constructor(private readonly server: Server) {}

  /** @returns undefined when another process holds it @throws the error of the system, when the folder can't be written */
  static async acquire(folder: string): Promise<DirectoryLock | undefined> {
    if (process.platform === 'win32') return acquirePipe(folder);
    for (;;) {
      const last = highest(folder);
      if (last > 0 && (await isAlive(join(folder, `lock.${last}`)))) return undefined;
      const own = join(folder, `lock-${randomBytes(6).toString('hex')}`);
      const server = await listen(own);
      const mine = last + 1;
      try {
        linkSync(own, join(folder, `lock.${mine}`));
      } catch (error) {
        server.close();
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        continue;
      } finally {
        rmSync(own, { force: true });
      }
      if (highest(folder) === mine) {
        removeBelow(folder, mine);
        return new DirectoryLock(server);
      }
      server.close();
    }
  }

  /** Whether some process holds the lock of a folder now. */
  static async isHeld(folder: string): Promise<boolean> {
    if (process.platform === 'win32') return isAlive(pipeOf(folder));
    const last = highest(folder);
    return last > 0 && (await isAlive(join(folder, `lock.${last}`)));
  }

  async release(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Windows' pipes have names of their own, which only one process at a time can listen on. */
async function acquirePipe(folder: string): Promise<DirectoryLock | undefined> {
  try {
    return new DirectoryLock(await listen(pipeOf(folder)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

function pipeOf(folder: string): string {
  return `\\\\.\\pipe\\coordinate-${createHash('sha256').update(folder.toLowerCase()).digest('hex')}`;
}

function numbersIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const match = NAME.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

function highest(folder: string): number {
  return Math.max(0, ...numbersIn(folder));
}

function removeBelow(folder: string, number: number): void {
  for (const each of numbersIn(folder)) if (each < number) rmSync(join(folder, `lock.${each}`), { force: true });
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', resolve);
    by(path, (short) => server.listen(short));
  });
  server.unref();
  return server;
}

/** Whether a process listens on the socket. What can't be asked for want of permission counts as one that does. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = by(path, (short) => connect(short));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

/** Longest path of a socket on every system. */
export const LONGEST_SOCKET_PATH = 100;

/** Names a socket by a path that is short enough: one that is too long from within its folder, at once. */
function by<T>(path: string, use: (path: string) => T): T {
  if (process.platform === 'win32' || Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return use(path);
  const before = process.cwd();
  process.chdir(dirname(path));
  try {
    return use(basename(path));
  } finally {
    process.chdir(before);
  }
}
