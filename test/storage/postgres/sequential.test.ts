import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as changes from '../../../src/storage/postgres/sql/changes.sql.js';
import * as locks from '../../../src/storage/postgres/sql/locks.sql.js';
import * as overview from '../../../src/storage/postgres/sql/overview.sql.js';
import * as reading from '../../../src/storage/postgres/sql/reading.sql.js';
import * as admin from '../../../src/storage/postgres/sql/specs-admin.sql.js';
import * as snapshots from '../../../src/storage/postgres/sql/snapshots.sql.js';
import * as specs from '../../../src/storage/postgres/sql/specs.sql.js';
import * as straight from '../../../src/storage/postgres/sql/straight.sql.js';
import * as undoing from '../../../src/storage/postgres/sql/undoing.sql.js';
import * as units from '../../../src/storage/postgres/sql/units.sql.js';
import * as workers from '../../../src/storage/postgres/sql/workers.sql.js';
import * as maintenance from '../../../src/storage/postgres/sql/maintenance.sql.js';
import { PLANNING } from '../../../src/storage/postgres/wire/session-settings.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

const MODULES = {
  changes,
  locks,
  overview,
  reading,
  admin,
  specs,
  straight,
  undoing,
  units,
  workers,
  maintenance,
  snapshots,
};

/** Those that walk over a whole table or index, and why. */
const WALKING = {
  'changes.FORGET_CHANGES: namespace': 'an index of those of very many specs only; retention',
  'admin.COUNT_ALL: namespace': 'the summary of everything',
  'admin.CONDITIONS: namespace': 'metrics of everything',
  'specs.PROBE_PERIODIC: work_spec': 'the first row of the schedules will do',
  'maintenance.WHAT_REMAINS: lock': 'the first row will do',
  'maintenance.WHAT_REMAINS: work_spec_change': 'the first row will do',
  'maintenance.WHAT_REMAINS: work_spec_cause': 'the first row will do',
  'snapshots.SNAPSHOT_HEAD: attempt_number': 'a sequence',
  'snapshots.SNAPSHOT_HEAD: work_spec_count': 'how many units a dump will have; there are eight rows for a spec',
  'snapshots.IS_USED: work_spec': 'the first row will do',
  'snapshots.IS_USED: worker': 'the first row will do',
  'snapshots.SKIP_NUMBERS: attempt_number': 'a sequence',
};

/** Every statement of a module, by where it is: some are in objects or lists. */
function statementsOf(value: unknown, name: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const { text } = value as { text?: unknown };
  if (typeof text === 'string') return /^\s*(BEGIN|LOCK)\b/.test(text) ? [] : [[name, text]];
  return Object.entries(value).flatMap(([key, part]) => statementsOf(part, `${name}.${key}`));
}

describe('statements of requests', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    await migrateDatabase(database);
    // With these a table is walked over only where no index can be used at all, however many rows it has.
    const settings = Object.entries(PLANNING).map(([name, value]) => `-c ${name}=${value}`);
    client = new pg.Client({ connectionString: database.url, options: settings.join(' ') });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const all = Object.entries(MODULES).flatMap(([module, exported]) => statementsOf(exported, module));

  it('walk over no table but those that say so', async () => {
    const walking: string[] = [];
    for (const [name, text] of all) {
      // Those that look for prefixes allow their transaction to.
      await client.query(`SET enable_bitmapscan = ${text.includes('prefixes @>') ? 'on' : 'off'}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN, COSTS OFF) ${text}`);
      const lines = rows.map((row) => row['QUERY PLAN'].trim());
      for (const [i, line] of lines.entries()) {
        const [, scan, table] = /(Seq Scan|Index Scan|Index Only Scan)(?: using \w+)? on (\w+)/.exec(line) ?? [];
        if (scan && !lines[i + 1]?.startsWith('Index Cond:')) walking.push(`${name}: ${table}`);
      }
    }
    expect(all.length).toBeGreaterThan(60);
    expect(walking).toEqual(Object.keys(WALKING));
  });
});
