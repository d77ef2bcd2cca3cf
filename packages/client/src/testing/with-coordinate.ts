import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ConnectOptions } from '../index.js';
import { connect } from '../index.js';
import type { Coordinate } from '../rest/coordinate.js';
import { TestClock } from './test-clock.js';

export interface TestOptions extends Omit<ConnectOptions, 'token'> {
  /** The program of the daemon, in JavaScript; that of coordinate-daemon, as it is installed, where it is absent. */
  readonly program?: string;
  /** Flags of the daemon, besides those that have it keep everything in memory and listen on a free port. */
  readonly flags?: readonly string[];
}

/** A daemon of a test. */
export interface TestCoordinate {
  readonly coordinate: Coordinate;
  /** Where its REST is. */
  readonly url: string;
  readonly clock: TestClock;
  stop(): Promise<void>;
}

/** Has a test use a daemon of its own, in memory, which ends with it. @returns what the test returns @throws what it throws */
export async function withCoordinate<T>(
  test: (coordinate: Coordinate, daemon: TestCoordinate) => T | Promise<T>,
  options: TestOptions = {},
): Promise<T> {
  const daemon = await startCoordinate(options);
  try {
    return await test(daemon.coordinate, daemon);
  } finally {
    await daemon.stop();
  }
}

/** The same for who stops it by himself, after all tests of a file for instance. @throws Error when it does not start */
export async function startCoordinate(options: TestOptions = {}): Promise<TestCoordinate> {
  const { program = installedDaemon(), flags = [], ...connection } = options;
  const args = [
    '-backend',
    'memory',
    '-test-clock',
    '-cborrpc',
    'off',
    '-http',
    '127.0.0.1:0',
    '-log-level',
    'error',
    ...flags,
  ];
  // What is set for another daemon is not meant for this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COORDINATE_')));
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ended = once(child, 'close');
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  ended.finally(() => process.off('exit', kill)).catch(() => undefined);
  const url = await addressOf(child, ended);
  const coordinate = connect(url, connection);
  const stop = async (): Promise<void> => {
    coordinate.close();
    child.kill('SIGTERM');
    await ended;
  };
  return { coordinate, url, clock: new TestClock(child), stop };
}

/** It says where it listens when it does. */
async function addressOf(child: ChildProcess, ended: Promise<unknown>): Promise<string> {
  let output = '';
  const heard = new Promise<string>((resolve) => {
    const hear = (text: string): void => {
      output += text;
      const port = /: HTTP on \S+:(\d+)\n/.exec(output)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    };
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', hear);
  });
  return Promise.race([
    heard,
    ended.then(() => {
      throw new Error(`the daemon did not start:\n${output}`);
    }),
  ]);
}

/** @throws Error when it is not installed */
function installedDaemon(): string {
  const places = [join(process.cwd(), 'package.json'), import.meta.url];
  for (const place of places) {
    try {
      const manifest = createRequire(place).resolve('coordinate-daemon/package.json');
      const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly bin: { readonly coordinated: string } };
      return join(dirname(manifest), bin.coordinated);
    } catch {
      // It may be found from the other one.
    }
  }
  throw new Error('withCoordinate needs the daemon: npm install --save-dev coordinate-daemon');
}
