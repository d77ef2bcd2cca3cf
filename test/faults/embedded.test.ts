import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningDaemon } from '../support/daemon.js';
import { startDaemon } from '../support/daemon.js';
import { EmbeddedFolder } from '../support/embedded.js';
import { audit } from './audit.js';
import { makeSpecs, Workload } from './workload.js';
import { FULL_SIZE, sized } from '../support/full-size.js';

const ROUNDS = Number(process.env.COORDINATE_FAULT_ROUNDS ?? sized(2, 1));
const CLIENTS = sized(8, 4);

describe.runIf(FULL_SIZE)('embedded PostgreSQL, when things break under load', () => {
  let folder: EmbeddedFolder;
  let logs: string;
  let daemon: RunningDaemon;
  let clients: Workload;

  beforeEach(async () => {
    logs = mkdtempSync(join(tmpdir(), 'coordinate-faults-'));
    folder = new EmbeddedFolder();
    daemon = await startDaemon(folder.flags);
    await makeSpecs(daemon.rpcPort);
    clients = new Workload(logs);
    for (let i = 0; i < CLIENTS; i++) clients.work(`w${i}`, () => daemon.rpcPort);
    clients.add('a', () => daemon.rpcPort);
  });

  afterEach(async () => {
    await daemon.kill();
    await clients.end();
    await folder.remove();
    rmSync(logs, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  });

  it('loses nothing when the daemon is killed', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await clients.progress();
      await daemon.kill();
      daemon = await startDaemon(folder.flags);
    }
    await clients.progress();
    expect(await audit(folder.url, await clients.stop())).toEqual([]);
  });

  it('loses nothing when its PostgreSQL is killed', async () => {
    const { pid } = daemon;
    for (let round = 0; round < ROUNDS; round++) {
      await clients.progress();
      await folder.killServer();
    }
    await clients.progress();
    expect(await audit(folder.url, await clients.stop())).toEqual([]);
    expect(daemon.pid).toBe(pid);
    expect(daemon.output()).not.toMatch(/unhandled|TypeError/i);
  });

  it('loses nothing when both are killed', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await clients.progress();
      const killed = [daemon.kill(), folder.killServer()];
      await Promise.all(killed);
      daemon = await startDaemon(folder.flags);
    }
    await clients.progress();
    expect(await audit(folder.url, await clients.stop())).toEqual([]);
  });
});
