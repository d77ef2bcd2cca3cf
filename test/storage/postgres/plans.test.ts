import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as locks from '../../../src/storage/postgres/sql/locks.sql.js';
import * as maintenance from '../../../src/storage/postgres/sql/maintenance.sql.js';
import { STANDING_SPECS } from '../../../src/storage/postgres/sql/overview.sql.js';
import * as reading from '../../../src/storage/postgres/sql/reading.sql.js';
import * as causes from '../../../src/storage/postgres/sql/causes.sql.js';
import * as admin from '../../../src/storage/postgres/sql/specs-admin.sql.js';
import * as specs from '../../../src/storage/postgres/sql/specs.sql.js';
import * as straight from '../../../src/storage/postgres/sql/straight.sql.js';
import * as units from '../../../src/storage/postgres/sql/units.sql.js';
import * as workers from '../../../src/storage/postgres/sql/workers.sql.js';
import { DONE_BY_WORKERS } from '../../../src/storage/postgres/sql/workers-done.sql.js';
import { PLANNING } from '../../../src/storage/postgres/wire/session-settings.js';
import type { Sql } from '../../../src/storage/postgres/wire/statement.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

/**
 * A statement is planned when nothing is known of the tables, and kept: it has to go by the right index from the first
 * unit on, or the first minutes of a new database take time in proportion to the units there are.
 */
describe.each(['that nothing is known of', 'that is known to be empty'])('plans made on a database %s', (state) => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    await migrateDatabase(database);
    const settings = Object.entries(PLANNING).map(([name, value]) => `-c ${name}=${value}`);
    client = new pg.Client({ connectionString: database.url, options: settings.join(' ') });
    await client.connect();
    if (state === 'that is known to be empty') await client.query('VACUUM ANALYZE');
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  async function planOf({ text }: Sql): Promise<string[]> {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN, COSTS OFF) ${text}`);
    return rows.map((row) => row['QUERY PLAN'].trim());
  }

  async function scansOf(command: Sql, tables = 'work_unit|attempt|worker'): Promise<string[]> {
    const lines = await planOf(command);
    return lines.flatMap((line, i) => {
      const scan = new RegExp(`(?:Scan|Index Only Scan) using (\\S+) on (?:${tables})\\b`).exec(line);
      if (scan) return [`${scan[1]}: ${lines[i + 1].replace(/^Index Cond: /, '')}`];
      return new RegExp(`(?:Seq|Bitmap Heap) Scan on (?:${tables})\\b`).test(line) ? [line] : [];
    });
  }

  it.each(
    Object.entries({
      LOCK_UNITS: units.LOCK_UNITS,
      START_ATTEMPTS: units.START_ATTEMPTS,
      CHANGE_ATTEMPTS: units.CHANGE_ATTEMPTS,
      WRITE_UNITS: units.WRITE_UNITS,
      SAVE_HISTORY: units.SAVE_HISTORY,
      DELETE_UNITS: units.DELETE_UNITS,
      UNITS_BY_NAME: reading.UNITS_BY_NAME.withData,
      END_ATTEMPTS: straight.END_ATTEMPTS,
      END_FAILING: straight.END_FAILING,
    }),
  )('%s finds each unit by its key', async (_, command) => {
    expect(await scansOf(command)).toEqual([
      expect.stringMatching(/^work_unit_pkey: \(\(work_spec_id = .*\) AND \(name = .*\)\)$/),
    ]);
  });

  it('finds what workers have done by their names', async () => {
    expect(await scansOf(DONE_BY_WORKERS, 'worker_done')).toEqual([
      expect.stringMatching(/^worker_done_pkey: .*worker = ANY/),
    ]);
  });

  it('finds what a worker says of itself by its name', async () => {
    expect(await scansOf(workers.SHORT_DATA)).toEqual([expect.stringMatching(/^worker_pkey: .*name = ANY/)]);
  });

  it('the units of a cause are found by the index of failed ones', async () => {
    const byCause = [
      expect.stringMatching(/^work_unit_cause: \(\(work_spec_id = .*\) AND \(CASE WHEN .* = /) as string,
    ];
    // Whether leases have run out by which others may have failed is found by their moments.
    const byMoment = [expect.stringMatching(/^work_unit_moment: .*moment <= /) as string];
    expect(await scansOf(reading.UNITS_BY_CAUSE.bare)).toEqual([...byCause, ...byMoment, ...byMoment]);
    expect(await scansOf(causes.CAUSE_EXAMPLES)).toEqual(byCause);
  });

  it('UNITS_BY_WORKER looks at what is pending', async () => {
    expect(await scansOf(reading.UNITS_BY_WORKER.bare)).toEqual([
      expect.stringMatching(/^work_unit_moment: \(\(work_spec_id = .*\) AND \(status = 2\) AND \(moment > /),
    ]);
  });

  const PENDING_OF_SPEC = /^work_unit_moment: \(\(work_spec_id = \S+\) AND \(status = 2\)\)$/;
  const HELD_BY = /^work_unit_worker: \(\(work_spec_id = \S+\) AND \(attempt_worker = .*name\)/;

  it.each(
    Object.entries({
      LIST_ATTEMPTS_OF: reading.LIST_ATTEMPTS_OF,
      LIST_ATTEMPTS_OF_CHILDREN: reading.LIST_ATTEMPTS_OF_CHILDREN,
    }),
  )('%s goes by worker and status, and looks once at what is pending of a spec', async (_, command) => {
    const scans = await scansOf(command);
    expect(scans.filter((scan) => /^(work_unit|attempt)_/.test(scan))).toEqual([
      expect.stringMatching(
        /^work_unit_worker: \(\(work_spec_id = .*\) AND \(attempt_worker = .*\) AND \(attempt_status = .*\) AND \(attempt_number > /,
      ),
      expect.stringMatching(
        /^attempt_worker: \(\(work_spec_id = .*\) AND \(worker = .*\) AND \(status = .*\) AND \(number > /,
      ),
      expect.stringMatching(PENDING_OF_SPEC),
    ]);
    expect((await planOf(command)).filter((line) => /hashed SubPlan/.test(line))).toHaveLength(1);
  });

  it('CLAIMED_BY_CHILDREN goes by worker, and looks once at what is pending of a spec', async () => {
    const scans = await scansOf(reading.CLAIMED_BY_CHILDREN);
    expect(scans.filter((scan) => !scan.startsWith('worker_parent: ')).sort()).toEqual([
      ...Array.from({ length: 3 }, () => {
        return expect.stringMatching(/^attempt_pkey: .*\(work_spec_id = .*\(work_unit = .*\(number >= /) as string;
      }),
      expect.stringMatching(/^attempt_worker: \(\(work_spec_id = .*\(worker = .*name\) AND \(number >= /),
      expect.stringMatching(PENDING_OF_SPEC),
      expect.stringMatching(/^work_unit_pkey: \(\(work_spec_id = .*\(name = /),
      expect.stringMatching(HELD_BY),
      expect.stringMatching(/^worker_pkey: \(\(namespace_id = .*\) AND \(name = /),
    ]);
    expect((await planOf(reading.CLAIMED_BY_CHILDREN)).filter((line) => /hashed SubPlan/.test(line))).toHaveLength(2);
  });

  it('UNITS_HELD looks once at what is pending of a spec', async () => {
    expect(await scansOf(workers.UNITS_HELD)).toEqual([
      expect.stringMatching(/^work_unit_moment: \(\(work_spec_id = .*\) AND \(status = 2\) AND \(moment > /),
    ]);
    expect((await planOf(workers.UNITS_HELD)).filter((line) => /hashed SubPlan/.test(line))).toHaveLength(1);
  });

  it('LOCK_CLAIMABLE takes units in the order of the index of claimable ones', async () => {
    expect(await scansOf(units.LOCK_CLAIMABLE)).toEqual([
      expect.stringMatching(/^work_unit_claimable: \(\(work_spec_id = .*\) AND \(ROW\(rank, name\) >= ROW/),
    ]);
  });

  it('LOCK_DUE finds what is due by its moment, and locks it by its key', async () => {
    expect(await scansOf(units.LOCK_DUE)).toEqual([
      expect.stringMatching(/^work_unit_moment: .*status = 1.*moment <= /),
      expect.stringMatching(/^work_unit_moment: .*status = 2.*moment <= /),
      expect.stringMatching(/^work_unit_pkey: \(\(work_spec_id = .*\) AND \(name = .*\)\)$/),
    ]);
  });

  it.each(Object.entries({ LOCK_EXCESS: maintenance.LOCK_EXCESS, LOCK_OLD: maintenance.LOCK_OLD }))(
    '%s finds the oldest by their moment, and locks them by their key',
    async (_, command) => {
      expect(await scansOf(command)).toEqual([
        expect.stringMatching(/^work_unit_moment: \(\(work_spec_id = .*\) AND \(status = /),
        expect.stringMatching(/^work_unit_pkey: \(\(work_spec_id = .*\) AND \(name = .*\)\)$/),
      ]);
    },
  );

  it.each(Object.entries({ EXCEEDING: maintenance.EXCEEDING, EXCEEDING_IN: maintenance.EXCEEDING_IN }))(
    '%s looks at the oldest unit of each status',
    async (_, command) => {
      expect((await scansOf(command)).map((scan) => scan.split(':')[0])).toEqual([
        'work_unit_moment',
        'work_unit_moment',
      ]);
    },
  );

  it.each(
    Object.entries({
      LOCK_LONG_INACTIVE: workers.LOCK_LONG_INACTIVE,
      LOCK_SURPLUS_INACTIVE: workers.LOCK_SURPLUS_INACTIVE,
    }),
  )('%s finds workers by when they became inactive, and what they hold by their names', async (_, command) => {
    const scans = await scansOf(command);
    expect(
      scans
        .map((scan) => scan.split(':')[0])
        .filter((index) => index !== 'worker_inactive')
        .sort(),
    ).toEqual(['attempt_worker', 'work_unit_moment', 'work_unit_worker', 'worker_parent', 'worker_pkey']);
    expect(scans.filter((scan) => scan.startsWith('worker_inactive: ')).length).toBeGreaterThan(0);
  });

  it.each(
    Object.entries({
      LOCK_LONG_INACTIVE: workers.LOCK_LONG_INACTIVE,
      LOCK_SURPLUS_INACTIVE: workers.LOCK_SURPLUS_INACTIVE,
      DELETE_WORKERS: workers.DELETE_WORKERS,
    }),
  )('%s looks once at what is pending of a spec, and then among the workers of that', async (_, command) => {
    const scans = await scansOf(command);
    expect(scans).toContainEqual(expect.stringMatching(PENDING_OF_SPEC));
    expect(scans).toContainEqual(expect.stringMatching(HELD_BY));
    expect(scans.find((scan) => scan.startsWith('work_unit_worker: '))).toMatch(/attempt_status = 0/);
    expect((await planOf(command)).filter((line) => /hashed SubPlan/.test(line))).toHaveLength(1);
  });

  it.each(Object.entries({ COUNT_IN: admin.COUNT_IN, COUNT_ALL: admin.COUNT_ALL, CONDITIONS: admin.CONDITIONS }))(
    '%s looks up the specs of each namespace by its id, and their counters by theirs',
    async (_, command) => {
      expect(await scansOf(command, 'work_spec|work_spec_count')).toEqual([
        expect.stringMatching(/^work_spec_name: \(namespace_id = n\.id\)$/),
        expect.stringMatching(/^work_spec_count_pkey: \(work_spec_id = .*id\)$/),
      ]);
    },
  );

  it('STANDING_SPECS reads the specs of a namespace in the order of their names, and looks up what there is of each', async () => {
    const plan = await planOf(STANDING_SPECS);
    expect(plan.filter((line) => /Sort/.test(line))).toEqual([]);
    expect(await scansOf(STANDING_SPECS, 'work_spec|work_spec_count|work_unit')).toEqual([
      expect.stringMatching(/^work_spec_name: \(namespace_id = /),
      expect.stringMatching(/^work_spec_count_pkey: \(work_spec_id = .*id\)$/),
      ...Array.from({ length: 3 }, () => expect.stringMatching(/^work_unit_moment: \(\(work_spec_id = /) as string),
    ]);
  });

  it.each(
    Object.entries({
      DELETE_HISTORY: units.DELETE_HISTORY,
      PAST_ATTEMPTS: units.PAST_ATTEMPTS,
      WRITE_PAST: units.WRITE_PAST,
    }),
  )('%s finds attempts of the history by their key', async (_, command) => {
    expect(await scansOf(command)).toEqual([
      expect.stringMatching(/^attempt_pkey: \(\(work_spec_id = .*\) AND \(work_unit = .*\)/),
    ]);
  });

  it('DELETE_SOME_HISTORY walks along the key from where the last part ended', async () => {
    const key = '(work_spec_id = $1) AND (work_unit = $2) AND (number > $3)';
    expect(await scansOf(units.DELETE_SOME_HISTORY)).toEqual([
      `attempt_pkey: (${key})`,
      expect.stringContaining(`attempt_pkey: (${key} AND (number < COALESCE(`),
    ]);
  });

  it.each(
    Object.entries({ FORGET_GARBAGE: maintenance.FORGET_GARBAGE, POSTPONE_GARBAGE: maintenance.POSTPONE_GARBAGE }),
  )('%s looks for rows by the id', async (_, command) => {
    expect((await scansOf(command)).sort()).toEqual([
      expect.stringMatching(/^attempt_pkey: \(work_spec_id = g\.id\)$/),
      expect.stringMatching(/^work_unit_\w+: \(work_spec_id = g\.id\)$/),
      expect.stringMatching(/^worker_pkey: \(namespace_id = g\.id\)$/),
    ]);
  });

  it.each(Object.entries({ LOCK_HOLDERS: locks.LOCK_HOLDERS, RELEASE_LOCKS: locks.RELEASE_LOCKS }))(
    '%s finds each lock by its key',
    async (_, command) => {
      expect(await scansOf(command, 'lock')).toEqual([
        expect.stringMatching(/^lock_pkey: \(\(namespace_id = .*\) AND \(path = v\.path\)\)$/),
      ]);
    },
  );

  it.each(Object.entries({ FIND_CONFLICTS: locks.FIND_CONFLICTS, DROP_LOCKS: locks.DROP_LOCKS }))(
    '%s finds what is below a path by the index of prefixes, whatever else is locked',
    async (_, command) => {
      await client.query(locks.ALLOW_PREFIXES.text.replace('true', 'false'));
      try {
        const plan = (await planOf(command)).join('\n');
        expect(plan).toMatch(/Bitmap Index Scan on lock_prefixes\n\s*Index Cond: \(prefixes @> ARRAY/);
        expect(plan).not.toMatch(/lock_pkey on lock \S+\n\s*Index Cond: \(namespace_id = [^)]*\)$/m);
        expect(plan).not.toMatch(/Seq Scan on lock/);
      } finally {
        await client.query('SET enable_bitmapscan = off');
      }
    },
  );

  it('FIND_CONFLICTS finds what is above a path by its key', async () => {
    expect(await scansOf(locks.FIND_CONFLICTS, 'lock')).toContainEqual(
      expect.stringMatching(/^lock_pkey: \(\(namespace_id = .*\) AND \(path = /),
    );
  });

  it('CLAIM_STATE looks at one claimable unit and at what is due', async () => {
    expect((await scansOf(specs.CLAIM_STATE)).map((scan) => scan.split(':')[0]).sort()).toEqual([
      'work_unit_claimable',
      'work_unit_moment',
      'work_unit_moment',
    ]);
  });

  const starting = { START_ALONE: straight.START_ALONE, START_FOR_ONE: straight.START_FOR_ONE };

  it.each(Object.entries(starting))('%s does both, twice where other specs come into question', async (_, command) => {
    expect((await scansOf(command)).map((scan) => scan.split(':')[0]).sort()).toEqual([
      'work_unit_claimable',
      'work_unit_claimable',
      'work_unit_moment',
      'work_unit_moment',
      'work_unit_moment',
      'work_unit_moment',
    ]);
  });

  it.each(Object.entries({ END_ATTEMPTS: straight.END_ATTEMPTS, END_FAILING: straight.END_FAILING }))(
    '%s ends attempts at the places of their units',
    async (_, command) => {
      const plan = (await planOf(command)).join('\n');
      expect(plan).toMatch(/Tid Scan on work_unit \S+\n\s*TID Cond: \(p\S*\.place = ctid\)/);
    },
  );

  it.each(Object.entries(starting))(
    '%s starts attempts where it found their units, and looks up in a hash whose history to keep',
    async (_, command) => {
      const plan = (await planOf(command)).join('\n');
      expect(plan).toMatch(/Tid Scan on work_unit \S+\n\s*TID Cond: \(z\S*\.place = ctid\)/);
      expect(plan).toMatch(/CTE Scan on taken k\S*\n\s*Filter: .*hashed SubPlan/);
    },
  );

  it('UNITS_BY_STATUS goes by status and name, and for those that are pending by their moments', async () => {
    expect((await scansOf(reading.UNITS_BY_STATUS.withData)).slice(0, 2)).toEqual([
      expect.stringMatching(/^work_unit_status: .*status = .*name >= /),
      expect.stringMatching(/^work_unit_moment: \(\(work_spec_id = .*\) AND \(status = 2\)\)$/),
    ]);
  });
});
