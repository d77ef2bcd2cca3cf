import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuSeconds } from './processes.js';

/** What one part of a measurement came to. */
export interface PythonRate {
  readonly perSecond: number;
  /** CPU microseconds per job of the Python processes, and of the server behind them. */
  readonly cpu: { readonly python: number; readonly server: number };
}

export interface PythonResult {
  readonly adding: PythonRate;
  readonly working: PythonRate;
}

export interface PythonRun {
  /** A module of bench/peers/python. */
  readonly queue: string;
  /** Where its server is, in the module's own words. */
  readonly url: string;
  readonly jobs: number;
  readonly processes: number;
  /** Seconds to warm up, and of the measurement. */
  readonly warmup: number;
  readonly seconds: number;
  /** The processes of the server at this moment. */
  readonly server: () => readonly number[];
}

interface PythonEvent {
  readonly event: 'begin' | 'end';
  readonly what: 'adding' | 'working';
  readonly jobs: number;
  readonly seconds: number;
  readonly cpu: number;
}

/** The queues of bench/peers/python and our own package, in a virtual environment outside of the checkout. */
export class PythonQueues {
  private readonly folder: string;
  private readonly environment: string;

  /** @param root the checkout */
  constructor(private readonly root: string) {
    this.folder = join(root, 'bench', 'peers', 'python');
    const wanted = createHash('sha256')
      .update(readFileSync(join(this.folder, 'requirements.txt')))
      .digest('hex');
    this.environment = join(homedir(), '.cache', 'coordinate-bench', `python-${wanted.slice(0, 12)}`);
  }

  /** Makes the environment where that has not been done, with PYTHON or python3, which must be 3.10 or newer. */
  install(say: (line: string) => void): void {
    const complete = join(this.environment, 'complete');
    if (existsSync(complete)) return;
    say(`installing bench/peers/python into ${this.environment}`);
    rmSync(this.environment, { recursive: true, force: true });
    mkdirSync(this.environment, { recursive: true });
    execFileSync(process.env.PYTHON ?? 'python3', ['-m', 'venv', this.environment], { stdio: 'inherit' });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'];
    execFileSync(join(this.environment, 'bin', 'python'), pip, { cwd: this.folder, stdio: 'inherit' });
    writeFileSync(complete, '');
  }

  async run({ queue, url, jobs, processes, warmup, seconds, server }: PythonRun): Promise<PythonResult> {
    const args = ['measure.py', queue, jobs, processes, warmup, seconds].map(String);
    const child = spawn(join(this.environment, 'bin', 'python'), args, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, BENCH_URL: url, PYTHONPATH: join(this.root, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
    });
    const rates: Partial<Record<PythonEvent['what'], PythonRate>> = {};
    let before = 0;
    createInterface(child.stdout).on('line', (line) => {
      const { event, what, jobs: done, seconds: elapsed, cpu } = JSON.parse(line) as PythonEvent;
      const used = server().reduce((sum, pid) => sum + cpuSeconds(pid), 0);
      if (event === 'begin') before = used;
      else {
        const micros = (value: number) => (value * 1e6) / done;
        rates[what] = { perSecond: done / elapsed, cpu: { python: micros(cpu), server: micros(used - before) } };
      }
    });
    const [code] = (await once(child, 'close')) as [number | null];
    const { adding, working } = rates;
    if (code !== 0 || !adding || !working) throw new Error(`${queue} ended with ${code}`);
    return { adding, working };
  }
}
