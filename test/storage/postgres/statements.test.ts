import { afterAll, beforeAll, expect, it } from 'vitest';
import { StatementCount } from '../../../bench/harness/statement-count.js';
import { RawClient } from '../../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

// How many statements work takes that says nothing under `flow`. The numbers are those of the version before there was any such key, at
// which this file was run as it is: what flows must cost nobody anything who does not use it.

const TIMES = 15;

let database: TestDatabase;
let counter: StatementCount;
let daemon: RunningDaemon;
let client: RawClient;
let last = 0;

beforeAll(async () => {
  database = await createDatabase();
  counter = await StatementCount.before(database.url);
  daemon = await startDaemon(['-backend', counter.url]);
  client = await RawClient.connect(daemon.rpcPort);
  await client.call('set_work_spec', { name: 's', min_gb: 0 });
  await client.call('set_work_spec', { name: 'chained', min_gb: 0, then: 'next' });
  await client.call('set_work_spec', { name: 'next', min_gb: 0 });
});

afterAll(async () => {
  client.destroy();
  await daemon.stop();
  counter.close();
  await database.drop();
});

/**
 * How many statements a step takes, by most of many tries one after another: now and then the daemon does something for itself in
 * between. @param before what is to be there before each try, not counted
 */
async function statementsOf(step: () => Promise<unknown>, before?: () => Promise<unknown>): Promise<number> {
  const times = new Map<number, number>();
  for (let i = 0; i < TIMES; i++) {
    await before?.();
    const first = counter.statements;
    await step();
    const taken = counter.statements - first;
    times.set(taken, (times.get(taken) ?? 0) + 1);
  }
  const [[most]] = [...times].sort(([, a], [, b]) => b - a);
  return most;
}

const names = (units: number): string[] => Array.from({ length: units }, () => `u${++last}`);
const add = (units = 1, spec = 's') => client.call('add_work_units', spec, names(units));
const claim = (units = 1, specs: readonly string[] = ['s']) =>
  client.call('get_work', 'w', { max_jobs: units, work_spec_names: specs, lease_time: 600 });
const update = (status: number, spec = 's', data = {}) =>
  client.call('update_work_unit', spec, `u${last}`, { status, worker_id: 'w', data });
const rest = async (path: string, body: object): Promise<void> => {
  const answer = await fetch(`http://127.0.0.1:${daemon.httpPort}/namespace/-/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBeLessThan(300);
};
const claimed = async (spec = 's') => {
  await add(1, spec);
  await claim(1, [spec]);
};
const failed = async () => {
  await claimed();
  await update(5);
};
const done = async () => {
  await claimed();
  await update(4);
};

const clear = (spec = 's') => client.call('del_work_units', spec, { all: true });

it('work that uses nothing of flow takes as many statements as before there was any', async () => {
  const taken: Record<string, number> = {};
  taken['add a unit'] = await statementsOf(() => add());
  await clear();
  taken['add a hundred units'] = await statementsOf(() => add(100));
  await clear();
  taken['claim a unit'] = await statementsOf(() => claim(), add);
  await clear();
  taken['claim a unit of any spec'] = await statementsOf(() => claim(1, []), add);
  await clear();
  taken['claim ten units'] = await statementsOf(
    () => claim(10),
    () => add(10),
  );
  await clear();
  taken['claim where there is nothing'] = await statementsOf(() => claim());
  taken['renew a lease'] = await statementsOf(() => update(3), claimed);
  taken['finish a unit'] = await statementsOf(() => update(4), claimed);
  taken['finish a unit that chains'] = await statementsOf(
    () => update(4, 'chained', { output: { [`next${last}`]: {} } }),
    () => claimed('chained'),
  );
  taken['fail a unit'] = await statementsOf(() => update(5), claimed);
  taken['give a unit back'] = await statementsOf(() => update(1), claimed);
  await clear();
  taken['send back what failed'] = await statementsOf(() => rest(`work_spec/s/retry?name=u${last}`, {}), failed);
  await clear();
  taken['add again what is finished'] = await statementsOf(
    () => client.call('add_work_units', 's', [`u${last}`]),
    done,
  );
  await clear();
  taken['claim, finish'] = await statementsOf(async () => {
    await claim();
    await update(4);
  }, add);
  expect(taken).toEqual({
    'add a unit': 6,
    'add a hundred units': 6,
    'claim a unit': 8,
    'claim a unit of any spec': 8,
    'claim ten units': 8,
    'claim where there is nothing': 4,
    'renew a lease': 7,
    'finish a unit': 1,
    'finish a unit that chains': 10,
    'fail a unit': 1,
    'give a unit back': 7,
    'send back what failed': 7,
    'add again what is finished': 6,
    'claim, finish': 9,
  });
});

it('what it costs those who use it', async () => {
  const flows = {
    none: {},
    retry: { retry: { attempts: 2, delay: 3600 } },
    rate_limit: { rate_limit: { units: 1_000_000, burst: 1_000_000 } },
    after: { after: ['next'] },
    schedule: { schedule: '0 0 1 1 *' },
  };
  await clear('next');
  const taken: Record<string, unknown> = {};
  for (const [name, flow] of Object.entries(flows)) {
    await client.call('set_work_spec', { name, min_gb: 0, flow });
    const counted = async (step: () => Promise<unknown>, before?: () => Promise<unknown>): Promise<number> => {
      const statements = await statementsOf(step, before);
      await clear(name);
      return statements;
    };
    const ready = () => claimed(name);
    taken[name] = [
      await counted(() => add(1, name)),
      await counted(
        () => claim(1, [name]),
        () => add(1, name),
      ),
      await counted(() => update(4, name), ready),
      await counted(() => update(5, name), ready),
    ];
  }
  // To add, claim, finish and fail a unit.
  expect(taken).toEqual({
    none: [6, 8, 1, 1],
    retry: [6, 8, 1, 7],
    rate_limit: [6, 11, 1, 1],
    after: [6, 9, 1, 1],
    schedule: [6, 8, 1, 1],
  });
});
