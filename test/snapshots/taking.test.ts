import { readdirSync, readlinkSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SnapshotRecord } from '../../src/domain/snapshot.js';
import { SnapshotRepository } from '../../src/snapshots/snapshot.repository.js';
import { SnapshotsService } from '../../src/snapshots/snapshots.service.js';
import { RestApp } from '../rest/app.js';

/** How many files of dumps this process has open. */
function openSpools(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('coordinate-dump-');
    } catch {
      return false; // closed meanwhile
    }
  }).length;
}

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
  await rest.post('/namespace/n/work_spec', { data: { name: 's', text: 'x'.repeat(20_000_000) } });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rest.stop());

/** Asks for a dump and reads none of it. */
function begin(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port: rest.port, host: '127.0.0.1', path: '/dump', agent: false }, (response) => {
      response.on('error', () => undefined);
      resolve(response.pause());
    }).on('error', reject);
  });
}

const status = async (): Promise<number | undefined> => {
  const response = await begin();
  response.destroy();
  return response.statusCode;
};

describe.skipIf(process.platform !== 'linux')('a dump', () => {
  it('is taken by one client at a time, and its file is gone when that one is', async () => {
    const first = await begin();
    expect([first.statusCode, openSpools()]).toEqual([200, 1]);
    const second = await rest.get('/dump');
    expect([second.status, second.headers['retry-after']]).toEqual([503, '10']);
    expect(second.json).toMatchObject({ message: 'another dump is being taken, try again later' });
    first.destroy();
    await expect.poll(openSpools).toBe(0);
    await expect.poll(status).toBe(200);
    await expect.poll(openSpools).toBe(0);
  });

  it('is not made for a HEAD', async () => {
    const { status, text } = await rest.send('HEAD', '/dump');
    expect([status, text, openSpools()]).toEqual([200, '', 0]);
  });

  it('for which there is no room is refused in words, and others may come after it', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    vi.spyOn(rest.app.get(SnapshotRepository), 'read').mockRejectedValueOnce(full);
    const { status: refused, json } = await rest.get('/dump');
    expect([refused, json]).toEqual([507, expect.objectContaining({ error: 'error' })]);
    await expect.poll(status).toBe(200);
    await expect.poll(openSpools).toBe(0);
  });

  it('leaves no file behind when writing it fails, when nobody waits for it, or when nobody begins to read it', async () => {
    const snapshots = rest.app.get(SnapshotRepository);
    const service = new SnapshotsService(snapshots);
    const read = vi.spyOn(snapshots, 'read');
    read.mockImplementationOnce((use) =>
      use(
        // eslint-disable-next-line @typescript-eslint/require-await -- what is read is read later
        (async function* (): AsyncGenerator<SnapshotRecord[]> {
          yield [{ kind: 'namespace', name: 'n' }];
          throw new Error('no more');
        })(),
      ),
    );
    await expect(service.dump(() => Promise.resolve())).rejects.toThrow('no more');
    await expect(service.dump(() => Promise.resolve(), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(openSpools()).toBe(0);
    await service.dump(() => Promise.resolve(expect(openSpools()).toBe(1)));
    expect(openSpools()).toBe(0);
  });
});
