import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CborValue, Tuple } from '../../src/cbor/index.js';
import { RawClient } from '../cbor-rpc/client.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase } from '../support/postgres.js';
import { OpenDaemon } from './open-daemon.js';

/** `WAITING_UNITS=1000000 WAITING_WORKERS=500` is the full size, on a machine that does nothing else. */
const UNITS = Number(process.env.WAITING_UNITS ?? 600);
const WORKERS = Number(process.env.WAITING_WORKERS ?? 20);
/** A unit may lie there so long while somebody waits, in milliseconds; beside other tests nobody can say how long. */
const LONGEST_MS = process.env.WAITING_UNITS === undefined ? 30_000 : 1_500;
const BATCH = 10;

describe.each(['memory', 'postgres'] as const)('workers that wait at two daemons (%s)', (kind) => {
  let database: TestDatabase | undefined;
  const daemons: OpenDaemon[] = [];
  beforeAll(async () => {
    if (kind === 'postgres') database = await createDatabase();
    const backend = database?.url ?? 'memory';
    daemons.push(await OpenDaemon.start(backend));
    // The memory is one daemon's own.
    daemons.push(database === undefined ? daemons[0] : await OpenDaemon.start(backend));
  });
  afterAll(async () => {
    for (const daemon of new Set(daemons)) await daemon.close();
    await database?.drop();
  });

  it('get each unit once, and let none lie', async () => {
    const addedAt = new Map<string, number>();
    const done = new Set<string>();
    let waiting = 0;
    let someoneSince = Infinity;
    let longest = 0;

    const take = (units: CborValue): void => {
      const now = performance.now();
      for (const unit of units as readonly Tuple[]) {
        const name = (unit.items[1] as { binary: string }).binary;
        expect(done.has(name), name).toBe(false);
        done.add(name);
        // One that is claimed before its client has heard that it is there has not waited.
        longest = Math.max(longest, now - Math.max(addedAt.get(name) ?? now, someoneSince));
      }
    };
    const work = async (index: number): Promise<void> => {
      const client = await RawClient.connect(daemons[index % 2].rpcPort);
      while (done.size < UNITS) {
        if (waiting++ === 0) someoneSince = performance.now();
        const [units] = (await client.call('get_work', `w${index}`, { wait: 1, max_jobs: 3 })) as CborValue[];
        take(units);
        waiting--;
        for (const unit of units as readonly Tuple[]) {
          await client.call('update_work_unit', 's', unit.items[1], { status: 4 });
        }
      }
      client.destroy();
    };

    const clients = await Promise.all(daemons.map((daemon) => RawClient.connect(daemon.rpcPort)));
    await clients[0].call('set_work_spec', { name: 's' });
    const workers = Array.from({ length: WORKERS }, (_, index) => work(index));
    for (let first = 0; first < UNITS; first += BATCH) {
      const names = Array.from({ length: Math.min(BATCH, UNITS - first) }, (_, index) => `u${first + index}`);
      await clients[(first / BATCH) % 2].call(
        'add_work_units',
        's',
        names.map((name) => [name, {}]),
      );
      const now = performance.now();
      for (const name of names) addedAt.set(name, now);
      // Now and then all is done, and everybody waits.
      if (first % (20 * BATCH) === 0) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await Promise.all(workers);
    for (const client of clients) client.destroy();
    expect(done.size).toBe(UNITS);
    expect(longest).toBeLessThan(LONGEST_MS);
  });
});
