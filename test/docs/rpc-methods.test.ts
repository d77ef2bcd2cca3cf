import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ByteString, CborMap, type CborValue, type Encodable, Float, Tuple } from '../../src/cbor/index.js';
import { methodDeclarations, methodsReference, SCENE, SCENE_CONFIG } from '../../src/cbor-rpc/handlers/reference.js';
import { RawClient } from '../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { ROOT } from './pages.js';

let daemon: RunningDaemon;
let client: RawClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-docs-'));
  const config = join(folder, 'config.yaml');
  writeFileSync(config, SCENE_CONFIG);
  daemon = await startDaemon(['-config', config]);
  client = await RawClient.connect(daemon.rpcPort);
});
afterAll(async () => {
  client.destroy();
  await daemon.stop();
  rmSync(folder, { recursive: true });
});

it('docs/cbor-rpc-methods.md is what npm run rpc-docs writes', async () => {
  const path = join(ROOT, 'docs/cbor-rpc-methods.md');
  const expected = await format(methodsReference(), { ...(await resolveConfig(path)), parser: 'markdown' });
  expect(readFileSync(path, 'utf8')).toBe(expected);
});

it('the page has every method that the daemon answers', async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  const answered = [...metrics.matchAll(/^coordinate_rpc_errors_total\{method="(\w+)"\}/gm)].map(([, name]) => name);
  expect(answered.length).toBeGreaterThan(0);
  const described = methodDeclarations().map(({ name }) => name);
  expect(described.toSorted()).toEqual(answered.toSorted());
});

describe('the example of', () => {
  // One daemon does for all of them: it is emptied each time, as far as clients can.
  beforeEach(async () => {
    await client.call('clear');
    for (const worker of ['parent', 'worker 1', 'worker 2']) await client.call('worker_unregister', worker);
    await client.call('delete_namespace', ['photos']);
    for (const call of SCENE) {
      const [, method, params] = /^(\w+)\((.*)\)$/.exec(call)!;
      await client.call(method, ...paramsOf(params));
    }
  });

  it.each(methodDeclarations().map(({ name, about }) => [name, about!.example] as const))(
    '%s',
    async (name, { params, result }) => {
      const answer = await client.call(name, ...paramsOf(params));
      expect(timeless(notation(answer))).toBe(timeless(result));
    },
  );
});

function paramsOf(text: string): Encodable[] {
  return JSON.parse(`[${text}]`) as Encodable[];
}

/** Floats in the examples are moments and ages. */
function timeless(text: string): string {
  return text.replaceAll(/\b\d+\.\d+\b/g, '0.0');
}

/** A value in the diagnostic notation of CBOR. */
function notation(value: CborValue): string {
  if (value instanceof ByteString) return `'${value.toText()!.replaceAll("'", "\\'")}'`;
  if (value instanceof Tuple) return `128(${notation([...value.items])})`;
  if (value instanceof CborMap) return `{${value.entries.map((pair) => pair.map(notation).join(': ')).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(notation).join(', ')}]`;
  if (value instanceof Float) return Number.isInteger(value.value) ? `${value.value}.0` : String(value.value);
  if (typeof value === 'object' && value !== null) throw new Error(`no notation for ${value.constructor.name}`);
  return JSON.stringify(value);
}
