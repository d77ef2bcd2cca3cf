import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { shared } from './shared.js';

/** For a daemon that hangs, which says so before the test's own time is over; a slow one is to be waited for. */
const START_MS = 240_000;

export interface Exit {
  /** null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A daemon in a process of its own, started as its users start it. */
export interface RunningDaemon {
  readonly pid: number;
  /** Port of CBOR-RPC, 0 if it is off. */
  readonly rpcPort: number;
  /** Port of HTTP, 0 if it is off. */
  readonly httpPort: number;
  /** Resolves when the process has ended, however it did. */
  readonly exited: Promise<Exit>;
  /** All that it has written to stdout and stderr so far. */
  output(): string;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Exit>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<Exit>;
}

interface Options {
  /** Another program than the daemon of these sources, in JavaScript. */
  readonly program?: string;
  /** On top of the test's own environment, from which the daemon's variables and those of libpq are taken out. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts the built daemon and waits until it serves. It listens on free ports of 127.0.0.1 unless the flags say
 * otherwise. It belongs to the caller, who stops it; what is left over at the end of the test file is killed.
 */
export async function startDaemon(flags: readonly string[] = [], options: Options = {}): Promise<RunningDaemon> {
  const program = await launch(['-cborrpc', '127.0.0.1:0', '-http', '127.0.0.1:0', ...flags], options);
  await serving(program);
  return {
    pid: program.child.pid!,
    rpcPort: portOf('CBOR-RPC', program.output()),
    httpPort: portOf('HTTP', program.output()),
    exited: program.exited,
    output: () => program.output(),
    stop: () => end(program, 'SIGTERM'),
    kill: () => end(program, 'SIGKILL'),
  };
}

export interface Result extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built daemon until it ends by itself: for flags that it refuses, for --help and the like. */
export async function runDaemon(flags: readonly string[], options: Options = {}): Promise<Result> {
  const program = await launch(flags, options);
  const exit = await Promise.race([program.exited, timeout(START_MS)]);
  if (exit === undefined) {
    await end(program, 'SIGKILL');
    throw new Error(`the daemon did not end by itself:\n${program.output()}`);
  }
  return { ...exit, stdout: program.stdout(), stderr: program.stderr() };
}

/** A daemon process, whatever has become of it. */
export interface Program {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  output(): string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts the daemon, built if need be, and does not wait until it serves. */
export async function launch(flags: readonly string[], { env = {}, program }: Options = {}): Promise<Program> {
  const main = program ?? (await shared('/daemon'));
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:COORDINATE_|PG)/.test(name));
  const child = spawn(process.execPath, [main, ...flags], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const written: [stream: 'stdout' | 'stderr', text: string][] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => written.push(['stdout', text]));
  child.stderr.setEncoding('utf8').on('data', (text: string) => written.push(['stderr', text]));
  // 'close' comes after the last output, unlike 'exit'.
  const exited = once(child, 'close').then(([code, signal]: unknown[]) => {
    running.delete(child);
    return { code, signal } as Exit;
  });
  const textOf = (streams: readonly string[]) => () =>
    written
      .filter(([stream]) => streams.includes(stream))
      .map(([, text]) => text)
      .join('');
  return {
    child,
    exited,
    stdout: textOf(['stdout']),
    stderr: textOf(['stderr']),
    output: textOf(['stdout', 'stderr']),
  };
}

/** The daemon prints its lines in one go when all its servers listen. */
async function serving(program: Program): Promise<void> {
  const banner = (async (): Promise<'serving'> => {
    while (!/ on \S+:\d+\n/.test(program.stdout())) await once(program.child.stdout!, 'data');
    return 'serving';
  })();
  banner.catch(() => undefined);
  const outcome = await Promise.race([banner, program.exited, timeout(START_MS)]);
  if (outcome === 'serving') return;
  await end(program, 'SIGKILL');
  throw new Error(`the daemon ${outcome === undefined ? 'did not start in time' : 'ended'}:\n${program.output()}`);
}

function portOf(service: string, output: string): number {
  return Number(new RegExp(`: ${service} on \\S+:(\\d+)\n`).exec(output)?.[1] ?? 0);
}

async function end({ child, exited }: Program, signal: NodeJS.Signals): Promise<Exit> {
  child.kill(signal);
  return exited;
}

function timeout(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}
