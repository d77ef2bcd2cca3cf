import { expect, it, vi } from 'vitest';
import { startDaemon } from '../../../../test/support/daemon.js';
import { sized } from '../../../../test/support/full-size.js';
import { freePort } from '../../../../test/support/ports.js';
import { createDatabase } from '../../../../test/support/postgres.js';
import { builtClient, Lines } from './built.js';

const UNITS = sized(10_000, 400);
/** So long daemon and database are away. */
const AWAY_MS = sized(60_000, 500);

it('a worker does each unit once though the daemon is killed in between, and its database is away', async () => {
  const client = await builtClient();
  const database = await createDatabase();
  const flags = ['-cborrpc', 'off', '-backend', database.url];
  const address = `127.0.0.1:${await freePort()}`;
  let daemon = await startDaemon([...flags, '-http', address]);
  const coordinate = client.connect(`http://${address}`, { timeout: '5s' });
  await coordinate.spec('s').set({});
  const names = Array.from({ length: UNITS }, (_, i) => `u${i}`);
  await coordinate.spec('s').add(names);
  const did: string[] = [];
  const log = new Lines();
  const work = async ({ name }: { name: unknown }): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    did.push(String(name));
  };
  const worker = new client.Worker(coordinate, { s: work }, { signals: false, log, wait: '1s' });
  void worker.run();
  const reached = (part: number) => vi.waitFor(() => expect(did.length).toBeGreaterThan(part * UNITS), 240_000);
  await reached(0.25);
  await daemon.kill();
  await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
  daemon = await startDaemon([...flags, '-http', address]);
  await reached(0.5);
  await database.open(false);
  await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
  await database.open(true);
  await vi.waitFor(async () => expect((await coordinate.spec('s').counts()).finished).toBe(UNITS), 240_000);
  await worker.stop();
  expect(did.sort()).toEqual(names.sort());
  expect(log.lines.filter(({ message }) => message === 'failed' || message === 'lost')).toEqual([]);
  coordinate.close();
  await daemon.stop();
  await database.drop();
});
