import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DirectoryLock } from './directory-lock.js';
import { LONGEST_SOCKET_PATH } from './directory-lock.js';
import { EmbeddedError, reasonOf } from './embedded-error.js';
import { environment, Postmaster } from './postmaster.js';
import { isAlive, serversOf } from './processes.js';
import type { Programs } from './programs.js';
import { findPrograms, majorOf, program, usablePrograms } from './programs.js';
import type { StateFolder } from './state-folder.js';
import { openStateFolder } from './state-folder.js';

/** Where the server tells what it does. */
export interface ServerLog {
  log(line: string): void;
  warn(line: string): void;
  debug(line: string): void;
}

/** The superuser of the data, and the only user. */
const ROLE = 'coordinate';
const DATABASE = 'postgres';
/** Part of the name of its socket, no more. */
const SOCKET_PORT = 5432;

/** How long a server has to write everything and end before it is cut off; the log of what it did is replayed then. */
const STOP_MS = 3_500;
/** How long the remains of one that was killed may take to go away. */
const REMAINS_MS = 10_000;
/** Pauses between attempts to start one that ended by itself. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A server that ran for so long is started at once when it ends. */
const STEADY_MS = 60_000;

/** A PostgreSQL that this process runs: started again when it ends by itself, until it is closed. */
export class EmbeddedServer {
  private closed = false;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly folder: StateFolder,
    private readonly lock: DirectoryLock,
    private readonly programs: Programs,
    private readonly address: Address,
    private readonly log: ServerLog,
    private postmaster: Postmaster,
  ) {}

  /**
   * Starts PostgreSQL on the data in a folder, which is made if need be, and waits until it serves.
   * @throws EmbeddedError in one line, when it can't be; nothing is left running then
   */
  static async open(dir: string, log: ServerLog): Promise<EmbeddedServer> {
    const found = findPrograms();
    const { folder, lock } = await openStateFolder(dir, (line) => log.log(line));
    try {
      refuseOtherVersion(folder, found);
      const programs = usablePrograms(found, folder.programs, folder.user);
      if (!existsSync(folder.data)) initialize(folder, programs);
      const address = await chooseAddress(folder);
      await stopRemains(folder, log);
      const postmaster = await startPatiently(folder, programs, address, log);
      const server = new EmbeddedServer(folder, lock, programs, address, log, postmaster);
      void server.watch();
      return server;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Where it is reached, with its password. */
  get url(): string {
    return urlOf(this.folder, this.address);
  }

  /** Stops PostgreSQL and lets go of the folder. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopping.abort();
    await this.postmaster.stop(STOP_MS);
    await this.lock.release();
  }

  /** Starts it again whenever it has ended, with growing pauses while that does not help. */
  private async watch(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ;) {
      const since = Date.now();
      await this.postmaster.exited;
      if (this.closed) return;
      if (Date.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS;
      this.log.warn('PostgreSQL has ended by itself; it is started again');
      for (let started = false; !started;) {
        await sleep(pause, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
        if (this.closed) return;
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        started = await this.restart();
      }
    }
  }

  private async restart(): Promise<boolean> {
    try {
      removeStalePidFile(this.folder.data);
      this.postmaster = launch(this.folder, this.programs, this.address, this.log);
      await this.postmaster.ready;
      this.log.log('PostgreSQL serves again');
      return true;
    } catch (error) {
      if (!this.closed) this.log.warn((error as Error).message);
      return false;
    }
  }
}

/** Where a server listens: on a socket in its folder or, where the system or its path does not allow one, on loopback. */
type Address = { readonly port: number; readonly socketFolder?: string };

async function chooseAddress({ run }: StateFolder): Promise<Address> {
  const path = join(run, `.s.PGSQL.${SOCKET_PORT}.lock`);
  if (process.platform !== 'win32' && Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) {
    return { port: SOCKET_PORT, socketFolder: run };
  }
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return { port };
}

function urlOf(folder: StateFolder, { port, socketFolder }: Address): string {
  const password = readFileSync(folder.password, 'utf8').trim();
  const host = socketFolder === undefined ? '127.0.0.1' : encodeURIComponent(socketFolder);
  return `postgres://${ROLE}:${password}@${host}:${port}/${DATABASE}?sslmode=disable`;
}

/** The URL of the server that another process runs on a folder, if one does. @throws EmbeddedError when it may not be asked */
export function urlOfRunning(folder: StateFolder): string | undefined {
  try {
    if (serversOf(folder.data).length === 0) return undefined;
    const [, , , port, socketFolder] = readFileSync(join(folder.data, 'postmaster.pid'), 'utf8').split('\n');
    return urlOf(folder, { port: Number(port), socketFolder: socketFolder || undefined });
  } catch (error) {
    throw new EmbeddedError(`the daemon that uses ${folder.dir} can not be asked: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function refuseOtherVersion({ dir, data }: StateFolder, found: Programs): void {
  const path = join(data, 'PG_VERSION');
  if (!existsSync(path)) return;
  const has = Number(readFileSync(path, 'utf8').trim());
  const brought = majorOf(found);
  if (has === brought) return;
  throw new EmbeddedError(
    `${dir} holds data of PostgreSQL ${has}, and this version of Coordinate brings PostgreSQL ${brought}: with the version ` +
      `that wrote it run \`coordinated dump FILE\`, then with this one \`coordinated restore FILE\` into another folder`,
  );
}

/** Makes the data under another name first, so that they are there whole or not at all. */
function initialize({ data, password, user }: StateFolder, programs: Programs): void {
  const part = `${data}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { mode: 0o700 });
  if (user) chownSync(part, user.uid, user.gid);
  const flags = ['-D', part, '-U', ROLE, `--pwfile=${password}`, '--auth=scram-sha-256'];
  try {
    execFileSync(program(programs, 'initdb'), [...flags, '--encoding=UTF8', '--locale=C', '--no-instructions'], {
      ...user,
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    const said = /error: .*/.exec(stderr?.toString() ?? '')?.[0] ?? message;
    throw new EmbeddedError(`${data} could not be made: ${said}`, { cause: error });
  }
  chmodSync(part, 0o700);
  renameSync(part, data);
}

const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '40',
  // Whatever the size of the machine's shared memory: no query here gains by a second process.
  max_parallel_workers_per_gather: '0',
  autovacuum_naptime: '10s',
  // Its log goes into the daemon's: what it does and what ends it. Errors of statements are told where they are asked.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  log_line_prefix: '',
  lc_messages: 'C',
};

function launch(folder: StateFolder, programs: Programs, { port, socketFolder }: Address, log: ServerLog): Postmaster {
  return Postmaster.start({
    program: program(programs, 'postgres'),
    data: folder.data,
    user: folder.user,
    settings: {
      ...SETTINGS,
      port: String(port),
      listen_addresses: socketFolder === undefined ? '127.0.0.1' : '',
      unix_socket_directories: socketFolder ?? '',
      unix_socket_permissions: '0700',
    },
    onLine: (severity, text) =>
      severity === 'FATAL' || severity === 'PANIC' ? log.warn(`PostgreSQL: ${text}`) : log.debug(`PostgreSQL: ${text}`),
  });
}

/** What a server says that finds processes of the one before it, which are about to end. */
const REMAINS = /shared memory block|lock file .* already exists/;

async function startPatiently(
  folder: StateFolder,
  programs: Programs,
  address: Address,
  log: ServerLog,
): Promise<Postmaster> {
  const deadline = Date.now() + REMAINS_MS;
  for (;;) {
    removeStalePidFile(folder.data);
    const postmaster = launch(folder, programs, address, log);
    try {
      await postmaster.ready;
      return postmaster;
    } catch (error) {
      if (!REMAINS.test((error as Error).message) || Date.now() > deadline) throw error;
      await sleep(FIRST_PAUSE_MS);
    }
  }
}

/** Stops a server that a daemon left behind which was killed. That daemon is dead, for its lock was free. */
async function stopRemains({ data, dir }: StateFolder, log: ServerLog): Promise<void> {
  const deadline = Date.now() + REMAINS_MS;
  for (let told = false; ; told = true) {
    const left = serversOf(data);
    if (left.length === 0) return;
    if (!told)
      log.log(`a daemon that was killed has left its PostgreSQL running (process ${left.join(', ')}): it is stopped`);
    if (Date.now() > deadline + REMAINS_MS) throw new EmbeddedError(`a PostgreSQL that runs on ${dir} does not stop`);
    for (const pid of left) stop(pid, !told ? 'SIGINT' : Date.now() > deadline ? 'SIGQUIT' : undefined);
    await sleep(50);
  }
}

function stop(pid: number, signal: NodeJS.Signals | undefined): void {
  try {
    if (signal !== undefined) process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new EmbeddedError(`a PostgreSQL that a daemon left running (process ${pid}) can not be stopped`, {
      cause: error,
    });
  }
}

/**
 * Takes away the note of a server whose process number now is another program's, as happens when a machine or container
 * starts anew: PostgreSQL would take that one for itself. One whose number is free it deals with by itself.
 */
function removeStalePidFile(data: string): void {
  const path = join(data, 'postmaster.pid');
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, 'utf8').split('\n', 1)[0]);
  if (pid > 0 && isAlive(pid) && !serversOf(data).includes(pid)) rmSync(path, { force: true });
}
