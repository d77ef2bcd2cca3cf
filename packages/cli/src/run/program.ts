import { spawn } from 'node:child_process';
import type { Name, UnitOfWork } from 'coordinate-client';
import { plain } from 'coordinate-client';
import type { Io } from '../io.js';
import { jsonText } from '../output/json.js';

/** So much of the end of what a program writes to its standard error is kept: with how it ended, as much as a worker tells of. */
const KEPT_BYTES = 15 * 1024;
/** Linux takes no more in one variable. */
const MOST_IN_ENVIRONMENT = 100 * 1024;
/** How long a program that is to end may take, before it is killed. */
const KILL_MS = 500;

/** What a program came to. */
export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to its standard error. */
  readonly stderr: string;
}

/** The command with the name and the data of a unit in it: each argument stays one, whatever is in them. @throws Error */
export function argvOf(command: readonly string[], { name, data }: UnitOfWork): string[] {
  return command.map((argument) =>
    argument.replaceAll(/\{(data)?\}/g, (_, isData: string | undefined) =>
      isData ? jsonText(plain(data)) : textOf(name),
    ),
  );
}

function textOf(name: Name): string {
  if (typeof name === 'string') return name;
  throw new Error('the name of the unit is not UTF-8, so that it can be no argument: take it from the standard input');
}

/** Runs a program for a unit, never by a shell, in a group of processes of its own, all of which end with the signal. */
export function runProgram(command: readonly string[], unit: UnitOfWork, io: Io, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const [file, ...args] = argvOf(command, unit);
    const child = spawn(file, args, { env: environmentOf(unit, io), stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const kill = (how: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, how);
      } catch {
        // All of them have ended.
      }
    };
    let killing: ReturnType<typeof setTimeout> | undefined;
    const end = (): void => {
      kill('SIGTERM');
      killing = setTimeout(() => {
        kill('SIGKILL');
        // One that has left the group may hold on to them.
        child.stdout.destroy();
        child.stderr.destroy();
      }, KILL_MS);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    const done = (): void => {
      clearTimeout(killing);
      signal.removeEventListener('abort', end);
    };
    const tail = new Tail();
    child.stdout.pipe(io.stdout, { end: false });
    child.stderr.on('data', (chunk: Buffer) => tail.add(chunk)).pipe(io.stderr, { end: false });
    // A program need not read what it is given.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${jsonText({ spec: unit.spec, name: unit.name, data: unit.data })}\n`);
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, by) => {
      done();
      resolve({ code, signal: by, stderr: tail.text() });
    });
  });
}

/** Without the token of who runs it: the program is not to do what that may. */
function environmentOf({ spec, name, data }: UnitOfWork, { env }: Io): Record<string, string | undefined> {
  const json = jsonText(data);
  return {
    ...env,
    COORDINATE_TOKEN: undefined,
    COORDINATE_TOKEN_FILE: undefined,
    COORDINATE_SPEC: spec,
    COORDINATE_UNIT: typeof name === 'string' ? name : undefined,
    COORDINATE_DATA: Buffer.byteLength(json) <= MOST_IN_ENVIRONMENT ? json : undefined,
  };
}

/** Keeps the end of what goes by. */
class Tail {
  private chunks: Buffer[] = [];
  private length = 0;

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    while (this.length - this.chunks[0].length >= KEPT_BYTES) this.length -= this.chunks.shift()!.length;
  }

  text(): string {
    // Half a character at the cut is left out.
    return Buffer.concat(this.chunks)
      .subarray(-KEPT_BYTES)
      .toString()
      .replace(/^\ufffd+/, '')
      .trimEnd();
  }
}
