import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Set by run.sh. */
const { PYTHON2, PYTHON2_PACKAGES } = process.env as Record<string, string>;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The published client's programs, set up to talk to a daemon, in a folder of their own. */
export class Python2 {
  readonly folder = mkdtempSync(join(tmpdir(), 'coordinate-python2-'));
  private readonly config: string;

  /** @param settings more of the client's configuration: YAML, indented by two */
  constructor(port: number, settings = '') {
    this.config = this.write('config.yaml', `coordinate:\n  address: [127.0.0.1, ${port}]\n${settings}`);
  }

  /** Writes a file into the folder. @returns its path */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a command of `coordinate`, and expects it to end with this status. @returns what it printed */
  async coordinate(args: readonly string[], status = 0): Promise<string> {
    const { code, stdout, stderr } = await this.python([this.program('coordinate'), '-c', this.config, ...args]);
    if (code !== status) throw new Error(`coordinate ${args.join(' ')}: status ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Runs Python with these arguments until it ends. */
  python(args: readonly string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = { env: this.environment(), cwd: this.folder, timeout: 60_000 };
      execFile(PYTHON2, args, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      });
    });
  }

  /** Starts Python with these arguments, with pipes for its input and output. */
  start(args: readonly string[]): ChildProcess {
    return spawn(PYTHON2, args, { env: this.environment(), cwd: this.folder, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** Starts a worker in the foreground. It writes its log to `workerLog`. */
  startWorker(): ChildProcess {
    const args = [this.program('coordinate_worker'), '--foreground', '-c', this.config];
    const log = openSync(this.workerLog, 'a');
    try {
      return spawn(PYTHON2, args, { env: this.environment(), cwd: this.folder, stdio: ['ignore', log, log] });
    } finally {
      closeSync(log);
    }
  }

  get workerLog(): string {
    return join(this.folder, 'worker.log');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private program(name: string): string {
    return join(PYTHON2_PACKAGES, 'bin', name);
  }

  private environment(): NodeJS.ProcessEnv {
    const own = ['stand-in', 'tasks'].map((folder) => join(import.meta.dirname, folder));
    const path = [...own, PYTHON2_PACKAGES, this.folder];
    // Its warnings are about itself.
    return { ...process.env, PYTHONPATH: path.join(delimiter), PYTHONWARNINGS: 'ignore' };
  }
}
