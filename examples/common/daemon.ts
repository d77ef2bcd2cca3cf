import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { freePort } from './ports.js';

/** A daemon that an example has started. */
export class Daemon {
  private constructor(
    private readonly program: string,
    private readonly backend: string,
    private child: ChildProcess,
    private exited: Promise<unknown>,
    /** CBOR-RPC, HOST:PORT. */
    readonly address: string,
    /** REST, `http://HOST:PORT/`. */
    readonly http: string,
  ) {}

  /** Starts one on free ports, which it can have again. @param backend as `-backend` has it @throws Error when it does not start */
  static async start(program: string, backend: string): Promise<Daemon> {
    const { child, exited, address, http } = await launch(
      program,
      backend,
      `127.0.0.1:${await freePort()}`,
      `127.0.0.1:${await freePort()}`,
    );
    return new Daemon(program, backend, child, exited, address, `http://${http}/`);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** SIGTERM: it ends well. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** SIGKILL: it ends in the midst of whatever it does. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Starts it again, after it has ended, at the same addresses and on the same storage. @throws Error when it does not start */
  async startAgain(): Promise<void> {
    const { program, backend, address, http } = this;
    const { child, exited } = await launch(program, backend, address, new URL(http).host);
    [this.child, this.exited] = [child, exited];
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.exited;
  }
}

interface Launched {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly address: string;
  /** HOST:PORT */
  readonly http: string;
}

async function launch(program: string, backend: string, address: string, http: string): Promise<Launched> {
  const args = [program, '-backend', backend, '-cborrpc', address, '-http', http, '-log-level', 'error'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  // It prints a line for each address that it listens on.
  const addresses = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const listening = /(CBOR-RPC|HTTP) on (\S+)$/.exec(line);
    if (listening !== null) addresses.set(listening[1], listening[2]);
    const [rpc, rest] = [addresses.get('CBOR-RPC'), addresses.get('HTTP')];
    if (rpc === undefined || rest === undefined) continue;
    child.stdout.resume();
    return { child, exited, address: rpc, http: rest };
  }
  throw new Error('the daemon did not start');
}
