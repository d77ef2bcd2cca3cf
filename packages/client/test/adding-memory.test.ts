import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { expect, it } from 'vitest';
import { FULL_SIZE } from '../../../test/support/full-size.js';
import { startDaemon } from '../../../test/support/daemon.js';

const UNITS = 1_000_000;

interface Said {
  readonly added: number;
  readonly available: number;
  /** Most of the memory that the process had, and what it had before it began, in KiB. */
  readonly maxRss: number;
  readonly emptyRss: number;
}

it.runIf(FULL_SIZE)(
  'adds a million units of an async iterable in less than 100 MiB besides what Node takes',
  async () => {
    const daemon = await startDaemon(['-cborrpc', 'off']);
    const outDir = mkdtempSync(join(tmpdir(), 'coordinate-client-'));
    try {
      // As it is when it is installed: without what compiles the sources of a test.
      await build({
        configFile: false,
        logLevel: 'silent',
        resolve: { conditions: ['coordinate-source'] },
        ssr: { noExternal: true, resolve: { conditions: ['coordinate-source', 'node', 'default'] } },
        build: { ssr: join(import.meta.dirname, 'add-many.ts'), outDir, target: 'node20' },
      });
      const grownBy: number[] = [];
      // Where other programs leave no core to the collector of garbage, more of that lies about: a leak is there each time.
      while (grownBy.length < 3 && !grownBy.some((mib) => mib < 100)) {
        const args = [`http://127.0.0.1:${daemon.httpPort}`, String(UNITS)];
        const child = fork(join(outDir, 'add-many.js'), args, { execArgv: [] });
        const [[said]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [[Said], unknown];
        expect(said).toMatchObject({ added: UNITS, available: UNITS });
        grownBy.push((said.maxRss - said.emptyRss) / 1024);
      }
      expect(Math.min(...grownBy), `MiB in three tries: ${grownBy.join(', ')}`).toBeLessThan(100);
    } finally {
      rmSync(outDir, { recursive: true });
      await daemon.stop();
    }
  },
);
