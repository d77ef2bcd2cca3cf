import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.js';
import { systemUser } from './postgres-server.js';

const PROGRAM = process.env.COORDINATE_TEST_PGBOUNCER ?? '/usr/sbin/pgbouncer';
const START_MS = 240_000;

export const HAS_PGBOUNCER = existsSync(PROGRAM);

/** A PgBouncer in transaction mode in front of a PostgreSQL on this machine. */
export class PgBouncer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** @param server - port of the PostgreSQL; `size` - its connections per database, few so that sessions have to be shared */
  static async start(server: number, size = 5): Promise<PgBouncer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'coordinate-pgbouncer-'));
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'users.txt'), '"postgres" ""\n');
    const settings = {
      listen_addr: '127.0.0.1',
      listen_port: port,
      unix_socket_dir: '',
      auth_type: 'trust',
      auth_file: join(folder, 'users.txt'),
      pool_mode: 'transaction',
      default_pool_size: size,
      max_client_conn: 500,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(file, `[databases]\n* = host=127.0.0.1 port=${server}\n[pgbouncer]\n${lines.join('')}`);
    // As PostgreSQL, it refuses to run as root.
    const owner = process.getuid?.() === 0 ? systemUser() : {};
    const child = spawn(PROGRAM, ['-q', file], { ...owner, cwd: folder, stdio: 'ignore' });
    const bouncer = new PgBouncer(child, folder, port);
    for (const deadline = Date.now() + START_MS; !(await listens(port)); await sleep(20)) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      await bouncer.stop();
      throw new Error(`${PROGRAM} did not start`);
    }
    return bouncer;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
