import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';

/** A daemon to work with. */
export interface Daemon {
  /** CBOR-RPC, HOST:PORT. */
  readonly address: string;
  /** REST. */
  readonly http: string;
  /** Stops it, if it was started here. */
  stop(): Promise<void>;
}

/** Starts a daemon on free ports, with everything in memory. @throws Error when it does not start */
export async function startDaemon(program: string): Promise<Daemon> {
  const args = [program, '-backend', 'memory', '-cborrpc', '127.0.0.1:0', '-http', '127.0.0.1:0', '-log-level', 'warn'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  // It prints a line for each address that it listens on.
  const addresses = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const listening = /(CBOR-RPC|HTTP) on (\S+)$/.exec(line);
    if (listening !== null) addresses.set(listening[1], listening[2]);
    const [address, http] = [addresses.get('CBOR-RPC'), addresses.get('HTTP')];
    if (address === undefined || http === undefined) continue;
    child.stdout.resume();
    return {
      address,
      http: `http://${http}/`,
      stop: async () => {
        child.kill('SIGTERM');
        await exited;
      },
    };
  }
  throw new Error('the daemon did not start');
}
