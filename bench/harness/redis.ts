import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../test/support/ports.js';
import { endProcess } from './processes.js';

/** A Redis server of Debian's package, which keeps everything in memory, as the daemon's memory backend does. */
export class Redis {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** @param root the checkout @throws Error where there is none and none can be installed */
  static async start(root: string): Promise<Redis> {
    execFileSync('bash', [
      '-c',
      `source ${join(root, 'test/interop/debian.sh')}; install_package redis-server redis-server`,
    ]);
    const [folder, port] = [mkdtempSync(join(tmpdir(), 'coordinate-redis-')), await freePort()];
    const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
    const child = spawn('redis-server', flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject).once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      createInterface(child.stdout).on('line', (line) => {
        if (line.includes('Ready to accept connections')) resolve();
      });
    });
    return new Redis(child, folder, port);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  get processes(): number[] {
    return [this.child.pid!];
  }

  async stop(): Promise<void> {
    await endProcess(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
