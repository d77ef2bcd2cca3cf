import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StatementCount } from '../../bench/harness/statement-count.js';
import { RetentionPolicy } from '../../src/domain/retention.js';
import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import { readPostgresUrl } from '../../src/storage/postgres/opening/postgres-url.js';
import { PostgresDatabase } from '../../src/storage/postgres/postgres-database.js';
import { PostgresMaintenanceRepository } from '../../src/storage/postgres/postgres-maintenance.repository.js';
import { RawClient } from '../cbor-rpc/client.js';
import { startDaemon } from '../support/daemon.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const WAITING = 100;
const COUNTED_S = 6;

describe('statements while nothing happens', () => {
  let database: TestDatabase;
  let counter: StatementCount;
  beforeAll(async () => {
    database = await createDatabase();
    counter = await StatementCount.before(database.url);
  });
  afterAll(async () => {
    counter.close();
    await database.drop();
  });

  it('are two for a round of retention that finds nothing to remove', async () => {
    const silent = { log: () => undefined, warn: () => undefined };
    const daemon = new PostgresDatabase(readPostgresUrl(counter.url), new Scheduler(() => 0), undefined, silent);
    const maintenance = new PostgresMaintenanceRepository(daemon.store);
    const policy = new RetentionPolicy({}, {}, { age: 1 });
    const taken: number[] = [];
    for (let round = 0; round < 5; round++) {
      const before = counter.statements;
      await maintenance.retain(policy);
      taken.push(counter.statements - before);
    }
    await daemon.close();
    // Others are those by which the daemon begins, and sees now and then whether its connections are alive.
    expect(Math.min(...taken)).toBe(2);
  });

  it('are as many for a hundred who wait as for one', async () => {
    const daemon = await startDaemon(['-backend', counter.url]);
    const clients = await Promise.all(Array.from({ length: WAITING }, () => RawClient.connect(daemon.rpcPort)));
    try {
      await clients[0].call('set_work_spec', { name: 's', min_gb: 0 });
      const claims = clients.map((client, index) => client.call('get_work', `w${index}`, { wait: 60 }));
      // Until all wait, the first of them by a claim that has found nothing, and all are known as workers.
      const waiting = async () => (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
      await expect.poll(waiting).toContain(`coordinate_waiting_claims ${WAITING}\n`);
      let before = counter.statements;
      for (let last = -1; last !== before; last = before, before = counter.statements) await sleep(500);
      await sleep(COUNTED_S * 1_000);
      // One a second is what it comes to over minutes; on a machine that is slow, all connections are seen to now and then besides.
      expect(counter.statements - before).toBeLessThan(4 * COUNTED_S);
      for (const client of clients) client.destroy();
      await Promise.allSettled(claims);
    } finally {
      await daemon.stop();
    }
  });
});
