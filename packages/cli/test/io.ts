import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { main } from '../src/main.js';

/** What came of a command. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads. */
  readonly stdin?: string | Uint8Array;
  /** Whether it may ask, as at a terminal; the answer is what it reads. */
  readonly isTerminal?: boolean;
}

/** A process as the program has it, in this one. */
export class FakeProcess extends EventEmitter {
  readonly stdin = Object.assign(new PassThrough(), { isTTY: false });
  readonly stdout = new Collected();
  readonly stderr = new Collected();

  constructor(readonly env: Readonly<Record<string, string | undefined>> = {}) {
    super();
  }
}

/** Keeps what is written to it. */
class Collected extends Writable {
  text = '';
  isTTY = false;

  override _write(chunk: Buffer, _: unknown, done: () => void): void {
    this.text += chunk.toString();
    this.emit('text');
    done();
  }

  /** Resolves when there is such text in it. */
  async has(text: string | RegExp): Promise<void> {
    while (!(typeof text === 'string' ? this.text.includes(text) : text.test(this.text))) {
      await new Promise((resolve) => this.once('text', resolve));
    }
  }
}

/** Runs the program in this process. */
export async function run(argv: readonly string[], { env, stdin, isTerminal = false }: RunOptions = {}): Promise<Ran> {
  // What a person has configured on this machine is not to be found.
  const process = new FakeProcess({ XDG_CONFIG_HOME: '/nowhere', ...env });
  process.stdin.isTTY = isTerminal;
  process.stdin.end(stdin ?? '');
  const status = await main(argv, process);
  return { status, stdout: process.stdout.text, stderr: process.stderr.text };
}
