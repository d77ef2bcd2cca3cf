import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as Bootstrap from '../../src/bootstrap/daemon.js';
import { Float } from '../../src/cbor/index.js';
import type * as Reference from '../../src/cbor-rpc/handlers/reference.js';
import { loadConfig } from '../../src/config/load.js';
import { RawClient } from '../cbor-rpc/client.js';
import { FULL_SIZE } from '../support/full-size.js';
import { readPage, ROOT } from './pages.js';

// In full size: a copy of all sources is compiled for it. That what is written there has a place in them is seen each time.

/** `// FILE, at the end` or `// FILE, in the class`, and what is to stand there. */
const STEP = /^\/\/ (\S+), (at the end|in the class)\n([^]*)$/;

/** A copy of the sources in which what CONTRIBUTING says has been done. */
let copy: string;
let daemon: Bootstrap.Daemon | undefined;
/** The files that were changed as the page says. */
let followed: string[];

beforeAll(async () => {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  copy = mkdtempSync(join(ROOT, 'build/contributing-'));
  cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  const steps = readPage('CONTRIBUTING.md').fences.flatMap(({ text }) => STEP.exec(text) ?? []);
  for (let i = 0; i < steps.length; i += 4) follow(join(copy, steps[i + 1]), steps[i + 2], steps[i + 3]);
  followed = steps.filter((_, i) => i % 4 === 1);
  if (!FULL_SIZE) return;
  const { startDaemon } = (await import(join(copy, 'src/bootstrap/daemon.ts'))) as typeof Bootstrap;
  const loaded = loadConfig(['-http', '127.0.0.1:0', '-cborrpc', '127.0.0.1:0', '-backend', 'memory']);
  if (loaded.action !== 'start') throw new Error('not a configuration');
  daemon = await startDaemon(loaded.config, { logger: pino({ enabled: false }) });
});
afterAll(async () => {
  await daemon?.close();
  rmSync(copy, { recursive: true });
});

/** Writes imports to the top of the file, and what else there is to the place that is named. */
function follow(file: string, place: string, code: string): void {
  const imports = code.match(/^import .*\n/gm) ?? [];
  const rest = code.replaceAll(/^import .*\n/gm, '');
  const before = readFileSync(file, 'utf8');
  const after = place === 'at the end' ? before + rest : before.replace(/^export class [^]*?(?=^\}$)/m, `$&${rest}`);
  expect(after).not.toBe(before);
  writeFileSync(file, imports.join('') + after);
}

/** The names that a file imports, of which none may be there twice. */
function importedIn(file: string): string[] {
  const lists = readFileSync(file, 'utf8').matchAll(/^import (?:type )?\{([^}]*)\} from /gm);
  return [...lists].flatMap(([, names]) => names.split(',').flatMap((name) => name.trim() || []));
}

function portOf(service: string): number {
  return Number(/:(\d+)$/.exec(daemon!.banner.find((line) => line.startsWith(service))!)![1]);
}

it('what CONTRIBUTING has one write has a place in the sources', () => {
  expect(followed).toEqual([
    'src/cbor-rpc/handlers/daemon.methods.ts',
    'src/cbor-rpc/handlers/clock.handlers.ts',
    'src/workers/rest/dto/worker.dto.ts',
    'src/workers/rest/workers.controller.ts',
  ]);
  for (const file of followed)
    expect(importedIn(join(copy, file)), file).toEqual([...new Set(importedIn(join(copy, file)))]);
});

it.runIf(FULL_SIZE)('who follows "a CBOR-RPC method" has one, on the wire and on the page', async () => {
  const client = await RawClient.connect(portOf('CBOR-RPC'));
  const answer = await client.call('seconds_until', Date.now() / 1000 + 3600);
  expect(answer).toBeInstanceOf(Float);
  expect(Math.round((answer as Float).value / 600)).toBe(6);
  await expect(client.call('seconds_until', 'noon')).rejects.toThrow(
    'seconds_until: time must be a number, not a text',
  );
  client.destroy();

  const reference = (await import(join(copy, 'src/cbor-rpc/handlers/reference.ts'))) as typeof Reference;
  expect(reference.methodsReference()).toContain('### seconds_until(time)\n\nSays how long it is until a moment.');
});

it.runIf(FULL_SIZE)('who follows "a REST route" has one, over HTTP and in the OpenAPI document', async () => {
  const client = await RawClient.connect(portOf('CBOR-RPC'));
  await client.call('worker_heartbeat', 'parent', 'RUN', 900);
  await client.call('worker_heartbeat', 'child', 'RUN', 900, {}, 'parent');
  client.destroy();

  const http = `http://127.0.0.1:${portOf('HTTP')}`;
  const route = '/namespace/{namespace}/worker_counts';
  const answer = await fetch(http + route.replace('{namespace}', '-'));
  expect([answer.status, await answer.json()]).toEqual([200, { workers: 2, children: 1 }]);
  expect((await fetch(`${http}/namespace/-/worker_counts?names=x`)).status).toBe(400);
  const document = (await (await fetch(`${http}/openapi.json`)).json()) as { paths: Record<string, unknown> };
  expect(document.paths[route]).toMatchObject({ get: { operationId: 'countWorkers' } });
});

it.runIf(FULL_SIZE)('what CONTRIBUTING has one write is right by its types', async () => {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['src'] }));
  const compiling = promisify(execFile)(process.execPath, [join(dirname(typescript), 'bin/tsc'), '-p', copy]);
  const { stdout } = await compiling.catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
});
