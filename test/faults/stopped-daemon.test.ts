import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CborValue, Tuple } from '../../src/cbor/index.js';
import { ByteString } from '../../src/cbor/index.js';
import { RawClient } from '../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { FULL_SIZE } from '../support/full-size.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const UNITS = 300;

/** Sessions of daemons that hold rows within a transaction in which nothing goes on. */
const HOLDING = `SELECT count(*)::int AS sessions FROM pg_stat_activity a WHERE datname = current_database()
  AND state = 'idle in transaction' AND EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'transactionid' AND l.granted)`;

// What it waits for is the time that sessions may stand still within a transaction.
describe.runIf(FULL_SIZE)('a daemon whose machine stops within a transaction', () => {
  let database: TestDatabase;
  let eyes: pg.Client;
  let stopped: RunningDaemon;
  let other: RunningDaemon;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    eyes = new pg.Client(database.url);
    await eyes.connect();
    stopped = await startDaemon(['-backend', database.url]);
    other = await startDaemon(['-backend', database.url]);
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await Promise.all([stopped?.kill(), other?.kill()]);
    await eyes?.end();
    await database?.drop();
  });

  const client = async (of: RunningDaemon): Promise<RawClient> => {
    const connected = await RawClient.connect(of.rpcPort);
    clients.push(connected);
    return connected;
  };
  const holding = async (): Promise<number> => (await eyes.query<{ sessions: number }>(HOLDING)).rows[0].sessions;
  const textOf = (name: CborValue): string => (name instanceof ByteString ? name.binary : (name as string));

  /** Takes a unit of a spec and says what has become of it. @returns whether there was one */
  async function work(as: RawClient, spec: string, status: number): Promise<boolean> {
    const [given] = (await as.call('get_work', 'w', { work_spec_names: [spec] })) as [Tuple];
    const [, key] = given.items;
    if (key === null) return false;
    await as.call('update_work_unit', spec, textOf(key), { status });
    return true;
  }

  /** Stops the one daemon while a claim has a transaction open, which may take many tries. */
  async function stopWithin(): Promise<void> {
    for (;;) {
      process.kill(stopped.pid, 'SIGSTOP');
      await sleep(100);
      if ((await holding()) > 0) return;
      process.kill(stopped.pid, 'SIGCONT');
      await sleep(37);
    }
  }

  it('holds up the other one for no longer than such a session lives, on the spec at hand and on others', async () => {
    const driver = await client(other);
    for (const spec of ['limited', 'plain']) {
      await driver.call('set_work_spec', { name: spec, ...(spec === 'limited' && { max_running: 50 }) });
      await driver.call(
        'add_work_units',
        spec,
        Array.from({ length: UNITS }, (_, i) => `u${i}`),
      );
    }
    let isStopped = false;
    for (const load of await Promise.all(Array.from({ length: 8 }, () => client(stopped)))) {
      void (async () => {
        while (!isStopped) await work(load, 'limited', 1);
      })().catch(() => undefined);
    }
    await stopWithin();
    isStopped = true;

    // Whoever waits does so until the database ends that session; nobody is refused for it.
    const [limited, plain] = await Promise.all([client(other), client(other)]);
    await Promise.all([work(limited, 'limited', 4), work(plain, 'plain', 4)]);
    await expect.poll(holding, { interval: 200 }).toBe(0);
    for (let done = 0; done < 20; done++) {
      expect([await work(limited, 'limited', 4), await work(plain, 'plain', 4)]).toEqual([true, true]);
    }
    process.kill(stopped.pid, 'SIGCONT');
    const back = await client(stopped);
    expect(await work(back, 'limited', 4)).toBe(true);
  });
});
