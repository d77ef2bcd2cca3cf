// What the statements of requests look at in a database of a million units, each with a history, as a table for docs/scaling.md:
//   node tools/statement-plans.mjs postgres://USER@HOST:PORT/DATABASE [UNITS]     (npm run build before)
// The database must be empty, and is left as it was filled: 1,000,000 units by default, as many attempts before their latest
// ones, a unit with 100,000 attempts, 10,000 workers and 100,000 locks. Each statement is planned as the daemon has it planned,
// run within a transaction that is rolled back, twice, and the second time counts.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../dist/storage/postgres/opening/migrating.js';
import { readPostgresUrl } from '../dist/storage/postgres/opening/postgres-url.js';
import * as locks from '../dist/storage/postgres/sql/locks.sql.js';
import * as maintenance from '../dist/storage/postgres/sql/maintenance.sql.js';
import * as reading from '../dist/storage/postgres/sql/reading.sql.js';
import * as snapshots from '../dist/storage/postgres/sql/snapshots.sql.js';
import * as admin from '../dist/storage/postgres/sql/specs-admin.sql.js';
import * as specs from '../dist/storage/postgres/sql/specs.sql.js';
import * as straight from '../dist/storage/postgres/sql/straight.sql.js';
import * as units from '../dist/storage/postgres/sql/units.sql.js';
import * as workers from '../dist/storage/postgres/sql/workers.sql.js';
import { connect } from '../dist/storage/postgres/wire/connecting.js';
import { PLANNING } from '../dist/storage/postgres/wire/session-settings.js';

const [url, count = '1000000'] = process.argv.slice(2);
if (!url) throw new Error('usage: node tools/statement-plans.mjs postgres://USER@HOST:PORT/DATABASE [UNITS]');
const UNITS = Number(count);
const MANY_ATTEMPTS = UNITS / 10;
const WORKERS = UNITS / 100;
const LOCKS = UNITS / 10;

const options = readPostgresUrl(url);
const connection = await connect(options);
await migrate(connection, options);
await connection.close();
const settings = Object.entries(PLANNING).map(([name, value]) => `-c ${name}=${value}`);
const client = new pg.Client({ connectionString: url, options: settings.join(' ') });
await client.connect();
await client.query('SET statement_timeout = 0');

/** Half of the units are available, a hundredth each delayed, pending until tomorrow and, of another spec, until yesterday; the rest have ended. */
const STATUS = `CASE WHEN i % 2 = 0 THEN 0 WHEN i % 100 = 1 THEN 1 WHEN i % 100 IN (3, 5) THEN 2 WHEN i % 20 = 7 THEN 4 ELSE 3 END`;
const FILL = [
  `INSERT INTO coordinate.namespace (name) VALUES ('n')`,
  `INSERT INTO coordinate.work_spec (namespace_id, name, name_is_bytes, data, version, priority, weight, paused, continuous,
     can_be_continuous, min_memory_gb, interval_ns, next_continuous, max_running, max_attempts_returned, max_retries,
     next_work_spec_name, runtime)
   SELECT n.id, v.name::bytea, false, '\\xa0', 1, 0, 20, false, false, false, 0, 0, 0, 0, 0, 0, '', ''
   FROM coordinate.namespace n, (VALUES ('s'), ('other')) v (name)`,
  `INSERT INTO coordinate.work_unit (work_spec_id, name, rank, status, moment, not_before, tries, attempts, late, data,
     attempt_number, attempt_start, attempt_end, attempt_expiration, attempt_status, attempt_worker)
   SELECT s.id, convert_to('u' || lpad(i::text, 9, '0'), 'UTF8'), i % 3, u.status,
     CASE WHEN u.status = 2 THEN t.now + CASE WHEN i % 100 = 3 THEN 1 ELSE -1 END * 86400000000::int8
       WHEN u.status = 1 THEN t.now + 86400000000 ELSE t.now - i END,
     0, 2, 2, false, convert_to(repeat('x', 100), 'UTF8'), ${UNITS} + i, t.now - 172800000000, 0, t.now, 
     (ARRAY[4, 4, 0, 2, 3])[u.status + 1], convert_to('w' || i % ${WORKERS}, 'UTF8')
   FROM generate_series(1, ${UNITS}) i, coordinate.work_spec s, LATERAL (SELECT ${STATUS} AS status) u,
     (SELECT coordinate.now_micros() AS now) t WHERE s.name = CASE WHEN i % 100 = 5 THEN 'other'::bytea ELSE 's' END`,
  `INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
   SELECT u.work_spec_id, u.name, u.attempt_number - ${UNITS}, u.attempt_worker, 0, 1, 1, 4, u.data
   FROM coordinate.work_unit u`,
  `INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
   SELECT s.id, 'u000000002', -i, 'busy', 0, 1, 1, 4, '\\xa0'
   FROM coordinate.work_spec s, generate_series(1, ${MANY_ATTEMPTS}) i WHERE s.name = 's'`,
  `INSERT INTO coordinate.work_spec_count (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
   SELECT u.work_spec_id, k, count(*) FILTER (WHERE u.status = 0) / 8, count(*) FILTER (WHERE u.status = 1) / 8,
     count(*) FILTER (WHERE u.status = 2) / 8, count(*) FILTER (WHERE u.status = 3) / 8,
     count(*) FILTER (WHERE u.status = 4) / 8, 1
   FROM coordinate.work_unit u, generate_series(0, 7) k GROUP BY u.work_spec_id, k`,
  `INSERT INTO coordinate.worker (namespace_id, name, parent, mode, data, last_update, expiration, inactive_at, deactivated,
     reported)
   SELECT n.id, convert_to('w' || i, 'UTF8'), CASE WHEN i % 10 = 0 THEN 'w1'::bytea END, 'run', '\\xa0', t.now, v.until, v.until,
     false, true
   FROM coordinate.namespace n, (SELECT coordinate.now_micros() AS now) t, generate_series(0, ${WORKERS - 1}) i,
     LATERAL (SELECT t.now + CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END * 86400000000::int8 AS until) v`,
  `INSERT INTO coordinate.worker (namespace_id, name, mode, data, last_update, expiration, inactive_at, deactivated, reported)
   SELECT n.id, 'busy', '', '\\xa0', 0, t.now, t.now, true, true
   FROM coordinate.namespace n, (SELECT coordinate.now_micros() AS now) t`,
  `INSERT INTO coordinate.lock (namespace_id, path, prefixes, locker, until)
   SELECT n.id, sha256(i::text::bytea), ARRAY[sha256(''), sha256(i::text::bytea)], 'l', coordinate.now_micros() + 86400000000
   FROM coordinate.namespace n, generate_series(1, ${LOCKS}) i`,
];
await client.query(`SET enable_hashjoin = on; SET enable_sort = on; SET enable_seqscan = on`);
for (const text of FILL) await client.query(text);
await client.query('VACUUM ANALYZE');
await client.query(`SET enable_hashjoin = off; SET enable_sort = off; SET enable_seqscan = off`);

const one = async (text) => (await client.query(text)).rows[0];
const { id: namespace } = await one(`SELECT id FROM coordinate.namespace`);
const { id: spec } = await one(`SELECT id FROM coordinate.work_spec WHERE name = 's'`);
const { id: other } = await one(`SELECT id FROM coordinate.work_spec WHERE name = 'other'`);
const { now } = await one(`SELECT coordinate.now_micros() AS now`);
const named = async (status, limit, more = '') =>
  (
    await client.query(`SELECT encode(name, 'hex') AS name FROM coordinate.work_unit WHERE work_spec_id = ${spec}
    AND status = ${status} ${more} AND name >= ''::bytea ORDER BY work_spec_id, status, name LIMIT ${limit}`)
  ).rows;

const bytes = (text) => `'\\x${Buffer.from(text).toString('hex')}'::bytea`;
const hexes = (rows) => `ARRAY[${rows.map(({ name }) => `'\\x${name}'::bytea`).join()}]`;
const many = (length, value, type) => `array_fill(${value}::${type}, ARRAY[${length}])`;
const ids = (length, id = spec) => many(length, id, 'int8');
const fresh = (length) => `ARRAY[${Array.from({ length }, (_, i) => bytes(`v${String(i).padStart(9, '0')}`)).join()}]`;
const unit = (i) => bytes(`u${String(i).padStart(9, '0')}`);
const hash = (text) => `'\\x${createHash('sha256').update(text).digest('hex')}'::bytea`;

const pending = await named(2, 20, `AND moment > ${now}`);
const ended = await named(4, 1000);
const there = [bytes('n'), bytes('s')];
const none = 'NULL';

/** A name that is greater than all. */
const LAST = bytes('z');

/** What is done, in the words of an operator; the statement; its parameters. */
const RUNS = [
  [
    'claim 20 units: straight',
    straight.START_ALONE,
    [
      namespace,
      `ARRAY[${spec}, ${other}]::int8[]`,
      'ARRAY[1, 1]::int8[]',
      spec,
      ids(0),
      -1,
      none,
      none,
      many(20, bytes('w2'), 'bytea'),
      many(20, 300000000, 'int8'),
      0,
      900000000,
      16777216,
      60,
    ],
  ],
  [
    'claim: what there is',
    specs.CLAIM_STATE,
    [`ARRAY[${namespace}]::int8[]`, now, ids(0), ids(0), many(0, 0, 'float8'), many(0, bytes(''), 'bytea')],
  ],
  ['claim 20 units: lock them', units.LOCK_CLAIMABLE, [spec, `'-Infinity'`, bytes(''), 20, none, 60, 3]],
  [
    'finish 20 units',
    straight.END_ATTEMPTS,
    [
      `ARRAY[${spec}]::int8[]`,
      'ARRAY[1]::int8[]',
      ids(20),
      hexes(pending),
      many(20, 3, 'int8'),
      many(20, 'NULL', 'bytea'),
      many(20, 'NULL', 'int8'),
      many(20, 'NULL', 'int8'),
      many(20, 'NULL', 'bytea'),
      0,
      many(20, 'NULL', 'tid'),
    ],
  ],
  ['renew 20: lock them', units.LOCK_UNITS, [ids(20), hexes(pending), many(20, false, 'bool')]],
  [
    'renew 20: write them',
    units.CHANGE_ATTEMPTS,
    [
      ids(20),
      hexes(pending),
      many(20, 2, 'int8'),
      many(20, now, 'int8'),
      many(20, 0, 'int8'),
      many(20, 0, 'int8'),
      many(20, now, 'int8'),
      many(20, 0, 'int8'),
      many(20, false, 'bool'),
      many(20, 'NULL', 'bytea'),
      many(20, 'NULL', 'int8'),
    ],
  ],
  ['add 1,000 units: look for them', units.LOCK_UNITS, [ids(1000), fresh(1000), many(1000, false, 'bool')]],
  [
    'add 1,000 units: write them',
    units.INSERT_UNITS,
    [
      ids(1000),
      fresh(1000),
      many(1000, 0, 'int8'),
      many(1000, now, 'int8'),
      many(1000, 0, 'float8'),
      many(1000, 0, 'int8'),
      many(1000, bytes('x'), 'bytea'),
    ],
  ],
  [
    'list 1,000 names by status',
    reading.UNITS_BY_STATUS.bare,
    [...there, 'ARRAY[4]::int8[]', unit(UNITS / 2), 1000, LAST],
  ],
  [
    'the same of pending ones',
    reading.UNITS_BY_STATUS.bare,
    [...there, 'ARRAY[2]::int8[]', unit(UNITS / 2), 1000, LAST],
  ],
  ['list 100 units', reading.UNIT_WINDOW.withData, [...there, unit(UNITS / 2), 100, LAST]],
  ['100 units by name', reading.UNITS_BY_NAME.withData, [...there, hexes(ended.slice(0, 100))]],
  ['counts of a spec', admin.COUNT_SPEC, there],
  ['summary', admin.COUNT_ALL, []],
  ['metrics', admin.CONDITIONS, []],
  ['500 leases run out', units.LOCK_DUE, [`ARRAY[${other}]::int8[]`, now, 500]],
  ['retention: which specs', maintenance.EXCEEDING, [10000, none, none, none, 0, 500]],
  ['retention: lock 500 by count', maintenance.LOCK_EXCESS, [spec, 3, 1000, 500]],
  ['retention: lock 500 by age', maintenance.LOCK_OLD, [spec, 3, now, 500]],
  ['delete 500 units', units.DELETE_UNITS, [ids(500), hexes(ended.slice(0, 500))]],
  ['delete their history', units.DELETE_HISTORY, [ids(500), hexes(ended.slice(0, 500))]],
  ['delete the history of the unit of very many', units.DELETE_HISTORY, [ids(1), `ARRAY[${unit(2)}]`]],
  ['a window of the attempts at that unit', reading.UNIT_HISTORY, [...there, unit(2), -50000, 1000]],
  ['one of them', reading.UNIT_ATTEMPT, [...there, unit(2), -50000]],
  [
    "a worker's attempts: 1,000",
    reading.LIST_ATTEMPTS_OF,
    [bytes('n'), bytes('busy'), 'ARRAY[0, 1, 2, 3, 4]::int8[]', -1000000000, 1000],
  ],
  ['list 1,000 active workers', workers.LIST_ACTIVE_WORKERS, [bytes('n'), true, bytes('w5'), 1000]],
  ['worker with 1,000 children', workers.FIND_WORKER, [bytes('n'), bytes('w1')]],
  ['retention: 1,000 workers', workers.LOCK_LONG_INACTIVE, [namespace, 1, '-9000000000000000', bytes(''), 1000]],
  ['dump: 1,000 units', snapshots.SNAPSHOT_UNITS, [spec, unit(UNITS / 2), 1000, 4194304]],
  [
    'dump: their attempts',
    snapshots.SNAPSHOT_ATTEMPTS,
    [spec, unit(UNITS / 2), 0, unit(UNITS / 2 + 999), 1000, 4194304],
  ],
  ['lock a path', locks.FIND_CONFLICTS, [namespace, now, `ARRAY[${hash('')} || ${hash('new')}]`]],
  [
    'who holds 100 paths',
    locks.LOCK_HOLDERS,
    [bytes('n'), `ARRAY[${Array.from({ length: 100 }, (_, i) => hash(String(i + 1))).join()}]`],
  ],
  ['drop the locks below a path', locks.DROP_LOCKS, [bytes('n'), hash('new')]],
  ['retention: 5,000 locks', locks.REMOVE_STALE_LOCKS, [0, bytes(''), 5000]],
];

/** Rows that scans of tables have looked at, by index or table. */
function scansOf(node, found = new Map()) {
  const relation = node['Relation Name'];
  if (relation && /Scan/.test(node['Node Type'])) {
    const by =
      node['Index Name'] ??
      { 'Tid Scan': `${relation} at its place`, 'Bitmap Heap Scan': node.Plans?.[0]['Index Name'] }[
        node['Node Type']
      ] ??
      `all of ${relation}`;
    const rows =
      (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)) *
      node['Actual Loops'];
    if (node['Actual Loops'] > 0) found.set(by, (found.get(by) ?? 0) + rows);
  }
  for (const each of node.Plans ?? []) scansOf(each, found);
  return found;
}

console.log('| what | goes by | rows looked at | pages | ms |');
console.log('| --- | --- | --- | --- | --- |');
for (const [what, { text, name }, parameters] of RUNS) {
  try {
    await client.query(`PREPARE ${name} AS ${text}`).catch((error) => {
      if (error.code !== '42P05') throw error;
    });
    const run = `EXECUTE ${name}${parameters.length > 0 ? `(${parameters.join(', ')})` : ''}`;
    let plan;
    for (let i = 0; i < 2; i++) {
      await client.query('BEGIN');
      if (text.includes('prefixes @>')) await client.query(locks.ALLOW_PREFIXES.text);
      const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${run}`);
      await client.query('ROLLBACK');
      [plan] = rows[0]['QUERY PLAN'];
    }
    const scans = scansOf(plan.Plan);
    const rows = [...scans.values()].reduce((sum, some) => sum + some, 0);
    const pages = plan.Plan['Shared Hit Blocks'] + plan.Plan['Shared Read Blocks'];
    const shown = (number) => Math.round(number).toLocaleString('en-US');
    console.log(
      `| ${what} | ${[...scans.keys()].join(', ')} | ${shown(rows)} | ${shown(pages)} | ${plan['Execution Time'].toFixed(1)} |`,
    );
  } catch (error) {
    await client.query('ROLLBACK');
    console.log(`| ${what} | ${error.message} |`);
  }
}
await client.end();
