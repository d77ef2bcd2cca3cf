import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endProcess, processTree, residentBytes } from './processes.js';

const START_MS = 60_000;

/** A server in a process of its own, whose start-up lines tell where it listens. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    /** The port of CBOR-RPC, or the only one. */
    readonly port: number,
    /** 0: it serves no HTTP. */
    readonly httpPort: number,
    /** Lines of its log. */
    private readonly log: readonly string[],
    /** In milliseconds of the monotonic clock. */
    readonly startedAt: number,
  ) {}

  /** The daemon, as users start it. @param entry its main.js @param folder where node is to put what it measures */
  static async daemon(
    entry: string,
    flags: readonly string[],
    nodeFlags: readonly string[] = [],
    folder?: string,
  ): Promise<Server> {
    const args = [...nodeFlags, resolve(entry), '-cborrpc', '127.0.0.1:0', '-log-level', 'warn', ...flags];
    const wantsHttp = !flags.join(' ').includes('-http off');
    const startedAt = Number(process.hrtime.bigint()) / 1e6;
    const { child, lines, log } = await start(
      args,
      (seen) => !wantsHttp || seen.some((line) => line.includes('HTTP on')),
      folder,
    );
    return new Server(child, portOf(lines, 'CBOR-RPC on'), wantsHttp ? portOf(lines, 'HTTP on') : 0, log, startedAt);
  }

  /** The bare server of bench/limits/NAME.ts, which prints its port. */
  static async limit(name: string): Promise<Server> {
    const script = fileURLToPath(new URL(`../limits/${name}.js`, import.meta.url));
    const startedAt = Number(process.hrtime.bigint()) / 1e6;
    const { child, lines, log } = await start([script], () => true);
    const port = portOf(lines, 'listening on');
    return new Server(child, port, port, log, startedAt);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Resident memory in bytes. */
  get memory(): number {
    return residentBytes(this.pid);
  }

  /** Its process and those it has started, such as those of a database. */
  get processes(): number[] {
    return processTree(this.pid);
  }

  /** What it has logged that fits. @throws Error when there is no such line */
  logged(pattern: RegExp): string {
    for (const line of this.log) {
      const found = pattern.exec(line);
      if (found) return found[0];
    }
    throw new Error(`nothing like ${String(pattern)} in the log of the server`);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<void> {
    await endProcess(this.child);
  }
}

/** Starts node and waits for lines on its standard output until there are enough. */
async function start(
  args: readonly string[],
  enough: (lines: readonly string[]) => boolean,
  cwd?: string,
): Promise<{ child: ChildProcess; lines: string[]; log: string[] }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd });
  const lines: string[] = [];
  const log: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    log.push(line);
    if (!line.includes('"level":"info"')) process.stderr.write(`${line}\n`);
  });
  await new Promise<void>((started, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${args.join(' ')} did not start in time`));
    }, START_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      if (!line.includes(' on ') || !enough(lines)) return;
      clearTimeout(timer);
      started();
    });
  });
  return { child, lines, log };
}

function portOf(lines: readonly string[], label: string): number {
  const line = lines.find((candidate) => candidate.includes(label));
  const port = line && /:(\d+)$/.exec(line)?.[1];
  if (!port) throw new Error(`no port in what the server said: ${lines.join(' | ')}`);
  return Number(port);
}
