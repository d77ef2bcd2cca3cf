import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode, Tagged } from 'coordinate-client';
import { expect } from 'vitest';
import { type FakeRequest, fakeDaemon, response } from '../../packages/client/test/fake-daemon.js';
import { RawClient } from '../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';

const SPEC = 'example-count-words';
/** As long as a worker that is only slow may take. */
const PATIENCE = { timeout: 240_000 };
/** Four words. */
const TEXT = 'one two three four';

/** Runs a worker process of the example for as long as `use` takes, during which it must not end by itself. */
async function withWorker(
  [program, ...args]: readonly string[],
  use: (worker: ChildProcess) => Promise<void>,
): Promise<void> {
  const worker = spawn(program, args, { stdio: 'inherit' });
  const died = once(worker, 'exit').then(([status]) => {
    if (status !== 0) throw new Error(`the worker ended with ${String(status)}`);
  });
  try {
    await Promise.race([use(worker), died.then(() => new Promise<void>(() => undefined))]);
  } finally {
    worker.kill('SIGKILL');
    died.catch(() => undefined);
  }
}

async function withText(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-example-'));
  writeFileSync(join(folder, 'text.md'), TEXT);
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The arguments of a worker over CBOR-RPC. */
export function rpcArguments(address: string): string[] {
  return [address, 'worker', 'parent', SPEC];
}

/**
 * Has a worker over CBOR-RPC do a unit of work where each thing that it asks for the first time is answered by an error of
 * the storage, and the second time by the end of the connection.
 */
export async function endureLosses(command: readonly string[]): Promise<void> {
  await withText(async (folder) => {
    const tries = new Map<string, number>();
    let given = false;
    const results: Record<string, () => unknown> = {
      worker_heartbeat: () => [true, null],
      get_work: () => {
        const units = given ? [] : [[SPEC, 'text.md', {}]];
        given = true;
        return [units, null];
      },
      get_work_spec: () => ({ name: SPEC, task: 'count_words', directory: folder }),
      update_work_unit: () => [true, null],
      worker_unregister: () => [true, null],
    };
    const daemon = await fakeDaemon(({ id, method }: FakeRequest, socket: Socket) => {
      const before = tries.get(method) ?? 0;
      tries.set(method, before + 1);
      const isLast = method === 'worker_unregister';
      if (before === 0 && !isLast) socket.write(failure(id, 'storage unavailable: the database is away'));
      else if (before === 1 && !isLast) socket.destroy();
      else socket.write(response(id, results[method]()));
    });
    await withWorker([...command, ...rpcArguments(daemon.address)], async (worker) => {
      await expect.poll(() => tries.get('update_work_unit'), PATIENCE).toBe(3);
      const reports = daemon.received.filter(({ method }) => method === 'update_work_unit');
      expect(reports.map(({ params }) => [params[1], params[2]])).toEqual(
        Array(3).fill(['text.md', expect.objectContaining({ status: 4, worker_id: 'worker' })]),
      );
      expect(reports[2].params[2]).toMatchObject({ data: { words: 4 } });
      worker.kill('SIGTERM');
      expect(await once(worker, 'exit')).toEqual([0, null]);
    });
    await daemon.close();
  });
}

function failure(id: number, message: string): Uint8Array {
  return encode(new Tagged(24, encode({ id, error: { message } })));
}

/** Has a worker of the example do a unit of work for a daemon, and another one for the next daemon at the same address. */
export async function endureRestart(commandFor: (daemon: RunningDaemon) => readonly string[]): Promise<void> {
  await withText(async (folder) => {
    const first = await startDaemon();
    await withWorker(commandFor(first), async () => {
      await finishOne(first.rpcPort, folder);
      await first.kill();
      const second = await startDaemon([
        '-cborrpc',
        `127.0.0.1:${first.rpcPort}`,
        '-http',
        `127.0.0.1:${first.httpPort}`,
      ]);
      await finishOne(second.rpcPort, folder);
      await second.stop();
    });
  });
}

async function finishOne(port: number, folder: string): Promise<void> {
  const client = await RawClient.connect(port);
  await client.call('set_work_spec', { name: SPEC, task: 'count_words', directory: folder });
  await client.call('add_work_units', SPEC, ['text.md']);
  await expect
    .poll(() => client.call('get_work_units', SPEC, { state: 4 }), PATIENCE)
    .toMatchObject([[expect.anything()], null]);
  client.destroy();
}
