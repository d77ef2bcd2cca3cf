import { afterEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { PostgresDatabase } from '../../../src/storage/postgres/postgres-database.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { sessionSettings } from '../../../src/storage/postgres/wire/session-settings.js';
import { sql, statement } from '../../../src/storage/postgres/wire/statement.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

/** What is respected: an operator says by it that nothing is to be written, or can't set it for all sessions. */
const OURS_TO_RESPECT = /^(default_)?transaction_(read_only|deferrable|isolation)$/;

/** Where another value than the opposite or the last of some is wanted, or the setting is a number or a text. */
const HOSTILE: Readonly<Record<string, string>> = {
  client_encoding: 'LATIN1',
  client_min_messages: 'debug5',
  datestyle: 'SQL, DMY',
  default_transaction_isolation: 'serializable',
  extra_float_digits: '-15',
  from_collapse_limit: '1',
  idle_in_transaction_session_timeout: '50',
  idle_session_timeout: '300',
  intervalstyle: 'iso_8601',
  join_collapse_limit: '1',
  lock_timeout: '20',
  search_path: "''",
  statement_timeout: '100',
  timezone: 'America/Sao_Paulo',
  transaction_timeout: '200',
  work_mem: '64',
};

let database: TestDatabase;
let storage: PostgresDatabase | undefined;
afterEach(async () => {
  await storage?.close();
  storage = undefined;
  await database.drop();
});

/** Gives the sessions that come other defaults: whatever a user may set. @returns which */
async function spoil(): Promise<string[]> {
  const settings = await database.query(
    `
    SELECT lower(name) AS name, vartype, boot_val, enumvals FROM pg_settings
    WHERE context = 'user' AND (vartype IN ('bool', 'enum') OR lower(name) = ANY($1))`,
    [Object.keys(HOSTILE)],
  );
  const spoiled: string[] = [];
  const base = new URL(database.url).pathname.slice(1);
  for (const { name, vartype, boot_val, enumvals } of settings as Record<string, string>[]) {
    if (OURS_TO_RESPECT.test(name) && !(name in HOSTILE)) continue;
    const others = (enumvals as unknown as string[] | null)?.filter((value) => value !== boot_val);
    const value = HOSTILE[name] ?? (vartype === 'bool' ? (boot_val === 'on' ? 'off' : 'on') : others?.at(-1));
    const literal = value === "''" ? value : `'${value}'`;
    await database.query(`ALTER DATABASE ${base} SET ${name} = ${literal}`).then(
      () => spoiled.push(name),
      () => undefined, // a compression that this server was built without, and the like
    );
  }
  return spoiled;
}

async function open(parameters = ''): Promise<PostgresDatabase> {
  const options = { ...readPostgresUrl(`${database.url}${parameters}`), startupWaitMs: 60_000 };
  storage = new PostgresDatabase(options, new Scheduler(() => 0));
  await storage.opened();
  return storage;
}

const EVERY_BYTE = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
const KEY = `${EVERY_BYTE}\\x41 \\\\ ''"`;

/** A compact round of all that goes through text: names, data, numbers, order, counts, locks, dumps. */
async function round({ store }: PostgresDatabase): Promise<unknown> {
  const { specs, units, attempts, workers, locks, namespaces, snapshots } = repositoriesOf(store);
  const seen: unknown[] = [];
  const fields = { min_gb: 0.1 + 0.2, priority: 3, then: 'next \\ ü' };
  await specs.set('n\\', defineWorkSpec(encode({ name: "s'\\x41", ...fields })));
  await specs.set('n\\', defineWorkSpec(encode({ name: 'next \\ ü', max_running: 1 })));
  const data = encode({ blob: Buffer.from(EVERY_BYTE, 'latin1').toString('hex'), text: 'a\\b\'"' });
  const added = [KEY, 'b', 'a', '\\', "'"].map((name, i) => ({ name, data, priority: 0.1 * (i + 1) + 1e-9 * i }));
  await units.add('n\\', "s'\\x41", added);
  const list = await units.list('n\\', "s'\\x41", {});
  seen.push(
    list.map(({ name, priority, data: own, status }) => [name, priority, Buffer.from(own).toString('hex'), status]),
  );
  seen.push(
    (await specs.list('n\\')).map(({ name, meta }) => [name, meta.minMemoryGb, meta.priority, meta.nextWorkSpecName]),
  );
  const worker = 'wörker\\ \\x00'.slice(0, 9);
  const { attempts: claimed } = await attempts.claim('n\\', { worker, units: 2, lifetime: DEFAULT_LIFETIME });
  seen.push(claimed.map(({ workUnit, data: own }) => [workUnit, Buffer.from(own).toString('hex')]));
  for (const { workUnit } of claimed) {
    const end = { workSpec: "s'\\x41", workUnit, status: 'finished', lifetime: DEFAULT_LIFETIME } as const;
    seen.push(
      await attempts.report('n\\', { ...end, data: encode({ output: { 'x\\': {}, [`${workUnit.length}`]: {} } }) }),
    );
  }
  const next = await attempts.claim('n\\', { worker, units: 5, workSpecs: ['next \\ ü'], lifetime: DEFAULT_LIFETIME });
  seen.push(next.attempts.map(({ workUnit }) => workUnit));
  // The same unit again: what was there is written over, and the next claim takes the straight way.
  await units.add('n\\', "s'\\x41", added.slice(0, 1));
  seen.push((await attempts.claim('n\\', { worker, units: 1, lifetime: DEFAULT_LIFETIME })).attempts.length);
  await workers.change('n\\', worker, { parent: 'p\\', update: { mode: 'm\\ü', data, lifetime: DEFAULT_LIFETIME } });
  const found = await workers.find('n\\', worker);
  seen.push([found?.mode, found?.parent, Buffer.from(found!.data).toString('hex'), found?.active]);
  seen.push((await workers.list('n\\', {})).map(({ name, mode }) => [name, mode]));
  seen.push(await locks.lock('n\\', 'l\\', DEFAULT_LIFETIME, [['a\\', 'b'], ['c']]));
  seen.push(await locks.lock('n\\', 'other', DEFAULT_LIFETIME, [['a\\']]));
  seen.push(await namespaces.summarize('n\\'), await specs.counts('n\\', "s'\\x41"));
  await snapshots.read(async (records) => {
    for await (const some of records)
      for (const record of some) seen.push([record.kind, 'name' in record ? record.name : undefined]);
  });
  return seen;
}

describe('sessions that inherit other defaults', () => {
  it('are told all that matters, and do the same as any', async () => {
    database = await createDatabase();
    const expected = await round(await open());
    await storage!.close();
    await database.drop();

    database = await createDatabase();
    const spoiled = await spoil();
    expect(spoiled).toEqual(
      expect.arrayContaining(Object.keys(HOSTILE).filter((name) => name !== 'transaction_timeout')),
    );
    const { store } = await open();
    const wanted = sessionSettings(readPostgresUrl(database.url));
    const names = Object.keys(wanted);
    const values = names.map((name) => `current_setting('${name}')`).join(', ');
    // In a parallel worker, which one of the settings calls for, nothing is known of the socket.
    const [has] = await store.pool.query(statement(sql(`SELECT ${values}, nextval('coordinate.attempt_number')`)));
    const plain = (value: string): string =>
      value
        .replace(/^(\d+)s$/, '$1000')
        .replace(/^(\d+)ms$/, '$1')
        .replace(/^ISO, \w+$/, 'ISO')
        .replace(', ', ',');
    expect(Object.fromEntries(names.map((name, i) => [name, plain(has[i]!)]))).toEqual(wanted);
    expect(await round(storage!)).toEqual(expected);
  });

  it('are told the same for each transaction behind a pooler', async () => {
    database = await createDatabase();
    const expected = await round(await open());
    await storage!.close();
    await database.drop();

    database = await createDatabase();
    await migrateDatabase(database);
    await spoil();
    const base = new URL(database.url).pathname.slice(1);
    // What ends a session is the pooler's to set, and shorter than a transaction nobody can set it.
    for (const name of ['idle_session_timeout', 'transaction_timeout'])
      await database.query(`ALTER DATABASE ${base} RESET ${name}`);
    await database.query(`ALTER DATABASE ${base} SET statement_timeout = 0`);
    expect(await round(await open('?pgbouncer=true'))).toEqual(expected);
  });
});
