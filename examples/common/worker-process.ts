import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A worker process. */
export class WorkerProcess {
  /** Set when it is meant to end; any other end is a failure. */
  private expected = false;

  private constructor(
    readonly id: string,
    private readonly child: ChildProcess,
    private readonly exited: Promise<unknown>,
  ) {}

  /** @param command the program and its arguments */
  static start(id: string, command: readonly string[]): WorkerProcess {
    const [program, ...args] = command;
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    // An "error" event is a program that cannot be started: it never exits, as it were.
    return new WorkerProcess(id, child, Promise.race([once(child, 'exit'), once(child, 'error')]));
  }

  /** Whether it ended of its own. */
  get failed(): boolean {
    const { child } = this;
    return !this.expected && (child.pid === undefined || child.exitCode !== null || child.signalCode !== null);
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** SIGTERM: it finishes what it has claimed. */
  stop(): Promise<unknown> {
    return this.end('SIGTERM');
  }

  /** SIGKILL: it finishes nothing. */
  kill(): Promise<unknown> {
    return this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.expected = true;
    this.child.kill(signal);
    await this.exited;
  }
}
