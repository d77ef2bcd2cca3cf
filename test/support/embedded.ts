import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlOfRunning } from '../../src/storage/embedded/embedded-server.js';
import { isAlive, serversOf } from '../../src/storage/embedded/processes.js';
import { knownStateFolder } from '../../src/storage/embedded/state-folder.js';

/** A folder for a daemon's embedded PostgreSQL, and a look at what runs on it. */
export class EmbeddedFolder {
  readonly parent = mkdtempSync(join(tmpdir(), 'coordinate-embedded-'));
  readonly dir: string;

  /** @param mode - of the folder above: by default everybody may pass */
  constructor(name = 'state', mode = 0o711) {
    chmodSync(this.parent, mode);
    this.dir = join(this.parent, name);
  }

  /** Another one with the same in it, as if it had been made for that. */
  copy(): EmbeddedFolder {
    const folder = new EmbeddedFolder();
    execFileSync('cp', ['-a', this.dir, folder.dir]);
    return folder;
  }

  get flags(): string[] {
    return ['-backend', `embedded:${this.dir}`];
  }

  /** Where the data of PostgreSQL are. */
  get data(): string {
    return knownStateFolder(this.dir)!.data;
  }

  /** The server that runs on it. */
  get pid(): number {
    const [pid] = serversOf(this.data);
    if (pid === undefined) throw new Error('no PostgreSQL runs');
    return pid;
  }

  /** Of the server that runs on it. */
  get url(): string {
    const url = urlOfRunning(knownStateFolder(this.dir)!);
    if (url === undefined) throw new Error('no PostgreSQL runs');
    return url;
  }

  /** The shell that stops PostgreSQL when its daemon has gone. */
  get watchdogs(): number[] {
    const listed = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
    const mine = new RegExp(`^\\s*(\\d+) .*coordinated-watchdog ${this.pid}$`);
    return listed.flatMap((line) => (mine.exec(line) ? [Number(mine.exec(line)![1])] : []));
  }

  /** Ends the server as if it had crashed. */
  async killServer(): Promise<void> {
    const { pid } = this;
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid) && serversOf(this.data).includes(pid)) await sleep(10);
  }

  /** Waits until no server runs on it any more. */
  async quiet(): Promise<void> {
    const deadline = Date.now() + 240_000;
    while (serversOf(this.data).length > 0) {
      if (Date.now() > deadline) throw new Error('a PostgreSQL goes on running');
      await sleep(20);
    }
  }

  async remove(): Promise<void> {
    const known = existsSync(this.dir) ? knownStateFolder(this.dir) : undefined;
    if (known) {
      for (const pid of serversOf(known.data)) {
        try {
          process.kill(pid, 'SIGQUIT');
        } catch {
          // it has just ended by itself
        }
      }
      await this.quiet();
      rmSync(dirname(known.data), { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }); // which may be elsewhere
    }
    rmSync(this.parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}
