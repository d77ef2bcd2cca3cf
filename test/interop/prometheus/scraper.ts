import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/ports.js';

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** A Prometheus of its own that scrapes one daemon once a second. */
export class Scraper {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly url: string,
  ) {}

  static async start(httpPort: number): Promise<Scraper> {
    const folder = mkdtempSync(join(tmpdir(), 'coordinate-prometheus-'));
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: coordinate
    static_configs: [{ targets: ['127.0.0.1:${httpPort}'] }]
`,
    );
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    return new Scraper(child, folder, `http://${address}`);
  }

  /** The values of an instant query, NaN left out; empty while Prometheus does not answer yet. */
  async query(expression: string): Promise<number[]> {
    let answer: Answer;
    try {
      const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
      answer = (await response.json()) as Answer;
    } catch {
      return [];
    }
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data!.result.map(({ value }) => Number(value[1])).filter((value) => !Number.isNaN(value));
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}
