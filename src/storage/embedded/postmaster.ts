import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { EmbeddedError } from './embedded-error.js';
import type { SystemUser } from './system-user.js';

export interface PostmasterOptions {
  /** The program `postgres`. */
  readonly program: string;
  readonly data: string;
  /** Names and values, as in postgresql.conf. */
  readonly settings: Readonly<Record<string, string>>;
  readonly user: SystemUser | undefined;
  /** Told of every line of its log. */
  readonly onLine: (severity: string, text: string) => void;
}

const READY = 'database system is ready to accept connections';

/** One run of a PostgreSQL server. */
export class Postmaster {
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  /** Resolves when it accepts connections. @throws EmbeddedError with its last words, when it ends before */
  readonly ready: Promise<void>;
  private ended = false;
  private lastWords = '';
  private readonly watchdog: ChildProcess | undefined;

  private constructor(
    private readonly child: ChildProcess,
    options: PostmasterOptions,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.lastWords ||= error.message;
        this.end();
        resolve();
      });
      // Not 'exit': its last lines come after that.
      child.once('close', () => {
        this.end();
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: child.stderr! }).on('line', (line) => {
        const [, severity = 'LOG', text] = /^([A-Z]+):\s+(.*)$/.exec(line) ?? ['', '', line];
        if (severity === 'FATAL' || severity === 'PANIC') this.lastWords = text;
        if (text.includes(READY)) resolve();
        options.onLine(severity, text);
      });
      void this.exited.then(() => reject(new EmbeddedError(this.lastWords || 'PostgreSQL ended while it started')));
    });
    this.ready.catch(() => undefined);
    if (child.pid !== undefined) this.watchdog = watch(child.pid, options.user);
  }

  static start(options: PostmasterOptions): Postmaster {
    const { program, data, settings, user } = options;
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(program, ['-D', data, ...flags], {
      ...user,
      cwd: '/',
      env: environment(),
      // A group of its own: Ctrl-C on the terminal is for the daemon, which stops it when its requests are answered.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const postmaster = new Postmaster(child, options);
    // From then on it is no reason for this process to go on: one that fails to start ends, and the watchdog ends this.
    void postmaster.ready.then(
      () => {
        child.unref();
        (child.stderr as Socket).unref();
      },
      () => undefined,
    );
    return postmaster;
  }

  /** Ends it: what is under way is rolled back, and all is on disk; at once when that takes longer than `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    if (this.ended) return;
    this.child.ref();
    (this.child.stderr as Socket).ref();
    this.child.kill('SIGINT');
    const timer = setTimeout(() => this.child.kill('SIGQUIT'), patienceMs);
    await this.exited;
    clearTimeout(timer);
  }

  private end(): void {
    this.ended = true;
    this.watchdog?.kill('SIGKILL');
  }
}

/**
 * Stops the server when this process has ended without doing so, by SIGKILL or with the terminal: a shell that waits for
 * the end of its input, which is the end of us. A server that is left over all the same is found at the next start.
 */
function watch(pid: number, user: SystemUser | undefined): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const script = 'read -r end; kill -INT "$1" 2>/dev/null';
  const shell = spawn('/bin/sh', ['-c', script, 'coordinated-watchdog', String(pid)], {
    ...user,
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // A system that has no shell does without it.
  shell.once('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  (shell.stdin as Socket).unref();
  shell.unref();
  return shell;
}

/** Nothing of the daemon's own environment is to change how it behaves, and its log is to be in English. */
export function environment(): NodeJS.ProcessEnv | undefined {
  return process.platform === 'win32' ? undefined : { LC_ALL: 'C' };
}
