import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { inside, type Image } from './image.js';

const START_MS = 30_000;

/**
 * A command in namespaces of its own, as an engine starts it: process 1, alone with a loopback interface, as the image's
 * user and with the image's environment only. The files are those of this machine.
 */
export class Container {
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private written = '';

  /** @param programs - folders for PATH */
  static async start(image: Image, programs: string, command: readonly string[]): Promise<Container> {
    const container = new Container(image, programs, command);
    const deadline = Date.now() + START_MS;
    while (!container.hasEnded && container.children() === '' && Date.now() < deadline) await delay(10);
    return container;
  }

  private constructor(
    private readonly image: Image,
    private readonly programs: string,
    command: readonly string[],
  ) {
    const [program, ...args] = [...this.asUser(), ...command];
    const start = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', program, ...args];
    const unshare = ['--net', '--pid', '--fork', '--mount-proc', '--', ...start];
    this.child = spawn('unshare', unshare, { cwd: inside(image, '.'), env: this.env });
    this.exited = once(this.child, 'exit');
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.written += text));
    }
  }

  output(): string {
    return this.written;
  }

  /** Resolves when the output has this in it. @throws Error when it ends or takes too long instead */
  async hasWritten(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (!pattern.test(this.written)) {
      if (this.hasEnded || Date.now() > deadline) throw new Error(`not ${pattern}: ${this.written}`);
      await delay(20);
    }
  }

  /** Runs another command in there, as `docker exec` and health checks do. @returns its status and what it printed */
  execute(command: readonly string[]): { status: number; output: string } {
    const enter = ['--target', this.processOne(), '--net', '--pid', '--mount', `--wd=${inside(this.image, '.')}`, '--'];
    try {
      const output = execFileSync('nsenter', [...enter, ...this.asUser(), ...command], {
        env: this.env,
        stdio: 'pipe',
      });
      return { status: 0, output: output.toString() };
    } catch (error) {
      const { status, stderr } = error as { status: number | null; stderr: Buffer };
      if (status === null) throw error;
      return { status, output: stderr.toString() };
    }
  }

  /** Sends process 1 a signal; one that it does not handle does nothing. */
  signal(name: string): void {
    execFileSync('kill', ['-s', name.replace(/^SIG/, ''), this.processOne()]);
  }

  /** @returns the status that process 1 ended with */
  async ended(): Promise<number | null> {
    await this.exited;
    return this.child.exitCode;
  }

  /** Ends whatever still runs. `unshare --kill-child` would not: a process that changes its user forgets whose child it is. */
  async destroy(): Promise<void> {
    if (!this.hasEnded) this.signal('SIGKILL');
    await this.exited;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The number that process 1 has outside. */
  private processOne(): string {
    const children = this.children();
    if (!/^\d+$/.test(children)) throw new Error(`the container does not run: ${this.written}`);
    return children;
  }

  /** What `unshare` has started, as numbers; empty before and after. */
  private children(): string {
    const { pid } = this.child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  }

  private get env(): Record<string, string> {
    return { PATH: this.programs, HOME: '/nonexistent', ...this.image.env };
  }

  private asUser(): string[] {
    const { uid, gid } = this.image.user!;
    return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  }
}
