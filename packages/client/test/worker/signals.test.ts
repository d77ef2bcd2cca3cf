import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { World } from './built.js';

const PROGRAM = join(import.meta.dirname, 'fixtures/works-until-stopped.mjs');

let world: World;
const children: ChildProcess[] = [];
beforeAll(async () => {
  world = await World.begin();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await world.end();
});

/** A worker in a process of its own. */
function start(
  namespace: string,
  ms: number,
  lease = '1m',
): { child: ChildProcess; lines: string[]; ended: Promise<unknown[]> } {
  const url = `http://127.0.0.1:${world.daemon.httpPort}`;
  const child = spawn(process.execPath, [PROGRAM, url, namespace, String(ms), lease], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
  return { child, lines, ended: once(child, 'close') };
}

describe('a worker and signals', () => {
  it('ends by SIGTERM with nothing lost, nothing done twice and nothing held', async () => {
    const own = await world.fresh();
    await own.spec('s').add(Array.from({ length: 40 }, (_, i) => `u${i}`));
    const first = start(own.namespace, 200);
    await vi.waitFor(() => expect(first.lines.length).toBeGreaterThanOrEqual(6), 60_000);
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual([0, null]);
    const begun = first.lines.filter((line) => line.startsWith('begins')).length;
    expect(await own.spec('s').counts()).toMatchObject({ pending: 0, finished: begun, available: 40 - begun });
    const second = start(own.namespace, 1);
    await vi.waitFor(async () => expect((await own.spec('s').counts()).finished).toBe(40), 60_000);
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
    const did = [...first.lines, ...second.lines].filter((line) => line.startsWith('ends'));
    expect(new Set(did).size).toBe(40);
    expect(did).toHaveLength(40);
  });

  it('ends at once by a second one', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['u']);
    const { child, lines, ended } = start(own.namespace, 3_600_000);
    await vi.waitFor(() => expect(lines).toEqual(['begins u']), 60_000);
    child.kill('SIGTERM');
    await vi.waitFor(() => expect(lines).toEqual(['begins u', 'stopping']), 60_000);
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
  });

  it('is killed, and its units are done by another one when their leases are over', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['u', 'v']);
    const killed = start(own.namespace, 3_600_000, '2s');
    await vi.waitFor(() => expect(killed.lines).toHaveLength(2), 60_000);
    killed.child.kill('SIGKILL');
    expect(await killed.ended).toEqual([null, 'SIGKILL']);
    const other = start(own.namespace, 1);
    await vi.waitFor(async () => expect((await own.spec('s').counts()).finished).toBe(2), 60_000);
    other.child.kill('SIGTERM');
    expect(await other.ended).toEqual([0, null]);
    for (const name of ['u', 'v']) {
      const became: string[] = [];
      for await (const { status } of own.spec('s').unit(name).attempts()) became.push(status);
      expect(became.sort()).toEqual(['expired', 'finished']);
    }
  });
});
