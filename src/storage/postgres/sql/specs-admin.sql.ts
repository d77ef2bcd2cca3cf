import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import { positions } from '../wire/positions.js';
import { question, sql } from '../wire/statement.js';
import { isDue, oldestAvailable } from './conditions.js';
import { SPEC_COLUMNS, SPEC_WIDTH } from '../units/spec-head.js';

/** @param $1 the first name, $2 how many @returns names in the order of their bytes */
export const LIST_NAMESPACES = question(`
  SELECT n.name FROM coordinate.namespace n WHERE n.name >= $1::bytea ORDER BY n.name LIMIT $2::int8`);

/** Keeps a namespace from being destroyed until the transaction ends. @param $1 name @returns id */
export const HOLD_NAMESPACE = sql(`
  SELECT n.id FROM coordinate.namespace n WHERE n.name = $1::bytea FOR KEY SHARE`);

/** Lets only one transaction at a time do what asks for this. @param $1 name of the namespace @returns id */
export const LOCK_NAMESPACE = sql(`
  SELECT n.id FROM coordinate.namespace n WHERE n.name = $1::bytea FOR NO KEY UPDATE`);

/** The same by $1 id. */
export const LOCK_NAMESPACE_BY_ID = sql(`
  SELECT n.id FROM coordinate.namespace n WHERE n.id = $1::int8 FOR NO KEY UPDATE`);

/** Lets nobody make or change anything of a namespace any more. @param $1 name */
export const CLOSE_NAMESPACE = sql(`
  SELECT n.id FROM coordinate.namespace n WHERE n.name = $1::bytea FOR UPDATE`);

/** Locks all work specs of a namespace, in the order that all transactions lock them by. @param $1 name of the namespace */
export const CLOSE_SPECS = sql(`
  SELECT s.id FROM coordinate.work_spec s WHERE s.id = ANY(ARRAY(
    SELECT w.id FROM coordinate.namespace n JOIN coordinate.work_spec w ON w.namespace_id = n.id WHERE n.name = $1::bytea))
  ORDER BY s.id FOR UPDATE`);

/**
 * Destroys a namespace that the transaction has closed: only once nobody else can add a spec can all of them be seen. What
 * lay below is out of reach at once, and removed bit by bit by its ids.
 * @param $1 name @returns id
 */
export const DESTROY_NAMESPACE = sql(`
  WITH gone AS (DELETE FROM coordinate.namespace n WHERE n.name = $1::bytea RETURNING n.id),
    specs AS (DELETE FROM coordinate.work_spec s USING gone WHERE s.namespace_id = gone.id RETURNING s.id),
    noted AS (INSERT INTO coordinate.garbage (id, since)
      SELECT g.id, coordinate.now_micros() FROM (SELECT id FROM gone UNION ALL SELECT id FROM specs) g)
  SELECT gone.id FROM gone`);

/** Whether a work spec of the namespace $1 waits for the one by the name $2. */
const IS_AWAITED = `EXISTS (SELECT FROM coordinate.work_spec b
      WHERE b.namespace_id = $1::int8 AND b.waits_for IS NOT NULL AND $2::bytea = ANY(b.waits_for))`;

/**
 * Creates or redefines a work spec; next_continuous and last_continuous stay, and it is in no schedule afterwards, waits for
 * nothing and is limited by no rate, see SET_LIMITS.
 * @param $1 id of the namespace, $2 name, $3 whether it is spelt as bytes, $4 data, $5 priority, $6 weight, $7 paused,
 * $8 continuous, $9 can be continuous, $10 min memory, $11 interval in ns, $12 next continuous, $13 max running,
 * $14 max attempts returned, $15 max retries, $16 next work spec, $17 runtime, $18 last continuous, $19 flow
 */
export const SET_SPEC = sql(`
  INSERT INTO coordinate.work_spec AS s (namespace_id, name, name_is_bytes, data, priority, weight, paused, continuous,
    can_be_continuous, min_memory_gb, interval_ns, next_continuous, max_running, max_attempts_returned, max_retries,
    next_work_spec_name, runtime, last_continuous, flow, awaited, version)
  VALUES ($1::int8, $2::bytea, $3::bool, $4::bytea, $5::int8, $6::int8, $7::bool, $8::bool, $9::bool, $10::float8,
    $11::int8, $12::int8, $13::int8, $14::int8, $15::int8, $16::bytea, $17::bytea, $18::int8, $19::bytea,
    ${IS_AWAITED}, 1)
  ON CONFLICT (namespace_id, name) DO UPDATE SET name_is_bytes = excluded.name_is_bytes, data = excluded.data,
    priority = excluded.priority, weight = excluded.weight, paused = excluded.paused, continuous = excluded.continuous,
    can_be_continuous = excluded.can_be_continuous, min_memory_gb = excluded.min_memory_gb,
    interval_ns = excluded.interval_ns, max_running = excluded.max_running,
    max_attempts_returned = excluded.max_attempts_returned, max_retries = excluded.max_retries,
    next_work_spec_name = excluded.next_work_spec_name, runtime = excluded.runtime, flow = excluded.flow,
    waits_for = NULL, limited_until = NULL, awaited = s.awaited OR excluded.awaited,
    next_slot = NULL, last_slot = NULL, buffered_slot = NULL, missed_slots = NULL, version = s.version + 1`);

/** Locks a work spec. @param $1 name of the namespace, $2 name @returns the columns of a SpecHead */
export const LOCK_SPEC = sql(`
  SELECT ${SPEC_COLUMNS} FROM coordinate.work_spec s JOIN coordinate.namespace n ON n.id = s.namespace_id
  WHERE n.name = $1::bytea AND s.name = $2::bytea FOR NO KEY UPDATE OF s`);

/**
 * Writes the control values that clients can set.
 * @param $1 id, $2 priority, $3 weight, $4 paused, $5 continuous, $6 min memory, $7 interval in ns, $8 next continuous,
 * $9 max running, $10 max attempts returned, $11 max retries, $12 last continuous
 */
export const WRITE_META = sql(`
  UPDATE coordinate.work_spec SET version = version + 1, priority = $2::int8, weight = $3::int8, paused = $4::bool,
    continuous = $5::bool, min_memory_gb = $6::float8, interval_ns = $7::int8, next_continuous = $8::int8,
    max_running = $9::int8, max_attempts_returned = $10::int8, max_retries = $11::int8, last_continuous = $12::int8
  WHERE id = $1::int8`);

/**
 * Waits for the claims of a work spec that began before this transaction changed it, which know of no limit: claims that come
 * after it are to count what those have started. @param $1 id of the namespace, $2 name
 */
export const AWAIT_CLAIMS = sql(`
  SELECT FROM coordinate.work_spec s WHERE s.namespace_id = $1::int8 AND s.name = $2::bytea FOR UPDATE`);

/**
 * Work specs in the order of their names.
 * @param $1 name of the namespace, $2 first name, $3 how many @returns the columns of a SpecHead, data
 */
export const LIST_SPECS = question(`
  SELECT ${SPEC_COLUMNS}, s.data FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
  WHERE n.name = $1::bytea AND s.name >= $2::bytea ORDER BY s.name LIMIT $3::int8`);

/** As LIST_SPECS. @returns names, and how many bytes of data there are */
export const MEASURE_SPECS = question(`
  SELECT s.name, octet_length(s.data) FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
  WHERE n.name = $1::bytea AND s.name >= $2::bytea ORDER BY s.name LIMIT $3::int8`);

/** @param $1 name of the namespace, $2 name @returns the columns of a SpecHead, data, now */
export const FIND_SPEC = question(`
  SELECT ${SPEC_COLUMNS}, s.data, coordinate.now_micros() FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
  WHERE n.name = $1::bytea AND s.name = $2::bytea`);

/** What LIST_SPECS and FIND_SPEC return; `now` is only of FIND_SPEC. */
export const READ_SPEC = positions(['spec', SPEC_WIDTH], 'data', 'now');

/** Finds names that no spec has. @param $1 name of the namespace, $2 names @returns their ordinals, from 1 */
export const MISSING_SPECS = question(`
  SELECT a.ordinal FROM unnest($2::bytea[]) WITH ORDINALITY AS a (name, ordinal)
  WHERE NOT EXISTS (
    SELECT FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
    WHERE n.name = $1::bytea AND s.name = a.name)
  ORDER BY a.ordinal`);

const deleteSpecs = (which: string) => `
  WITH gone AS (DELETE FROM coordinate.work_spec s USING coordinate.namespace n
      WHERE n.id = s.namespace_id AND n.name = $1::bytea ${which} RETURNING s.id, s.namespace_id, s.awaited),
    noted AS (INSERT INTO coordinate.garbage (id, since) SELECT gone.id, coordinate.now_micros() FROM gone)
  SELECT gone.id, gone.namespace_id, gone.awaited FROM gone`;

/**
 * Deletes all work specs of a namespace. Their units are out of reach at once, and removed bit by bit by the id.
 * @param $1 name of the namespace @returns their ids, that of the namespace, whether others wait for it
 */
export const DELETE_SPECS = sql(deleteSpecs(''));

/** The same of one. @param $1 name of the namespace, $2 name @returns the same of it */
export const DELETE_SPEC = sql(deleteSpecs('AND s.name = $2::bytea'));

/**
 * Deletes all units of a work spec at once, whatever their number: the spec gets a new id, under which there are none.
 * @param $1 id @returns how many there were
 */
export const DROP_UNITS = sql(`
  WITH renewed AS (UPDATE coordinate.work_spec s SET id = nextval('coordinate.object_id'), version = version + 1
      WHERE s.id = $1::int8 RETURNING s.id),
    noted AS (INSERT INTO coordinate.garbage (id, since) SELECT $1::int8, coordinate.now_micros() FROM renewed)
  SELECT sum(c.available + c.delayed + c.pending + c.finished + c.failed)::int8 FROM coordinate.work_spec_count c, renewed
  WHERE c.work_spec_id = $1::int8`);

const COUNTS = `n.name, s.name, s.id,
    coalesce(c.available, 0), coalesce(c.delayed, 0), coalesce(c.pending, 0), coalesce(c.finished, 0),
    coalesce(c.failed, 0),
    ${isDue('s.id', 't.now')}, t.now`;

/** What COUNT_SPEC, COUNT_IN, COUNT_ALL and CONDITIONS return; `since` and `limitedUntil` are only of CONDITIONS. */
export const COUNTED_SPEC = positions(
  ...(['namespace', 'workSpec', 'id'] as const),
  ['counts', WORK_UNIT_STATUSES.length],
  ...(['isDue', 'now', 'since', 'limitedUntil'] as const),
);

/**
 * The specs of each namespace are looked up by its id: joined, a planner may compare each spec with each namespace, which for
 * 5,000 and 10,000 of them takes ten seconds. What is sorted inside is not joined.
 */
const COUNTED = `FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  CROSS JOIN LATERAL (SELECT w.id, w.name, w.limited_until FROM coordinate.work_spec w WHERE w.namespace_id = n.id
    ORDER BY w.namespace_id, w.name) s
  LEFT JOIN LATERAL (
    SELECT sum(k.available)::int8 AS available, sum(k.delayed)::int8 AS delayed, sum(k.pending)::int8 AS pending,
      sum(k.finished)::int8 AS finished, sum(k.failed)::int8 AS failed
    FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.id) c ON true`;

/**
 * Units per status, and whether a lease or delay has run out that has not yet taken effect in them.
 * @param $1 name of the namespace, $2 of the spec
 * @returns names of namespace and spec, id, the counts in the order of the statuses, whether something is due, now
 */
export const COUNT_SPEC = question(`
  SELECT ${COUNTS} ${COUNTED} WHERE n.name = $1::bytea AND s.name = $2::bytea`);

/** The same of all specs of a namespace, sorted. @param $1 its name */
export const COUNT_IN = question(`
  SELECT ${COUNTS} ${COUNTED} WHERE n.name = $1::bytea ORDER BY n.name, s.name`);

/** The same of everything. */
export const COUNT_ALL = question(`
  SELECT ${COUNTS} ${COUNTED} ORDER BY n.name, s.name`);

const LIMITED_UNTIL = 'CASE WHEN s.limited_until > t.now THEN s.limited_until END';

/**
 * The same of everything, since when the unit has been available that has been so longest (null: none is), and until when its rate
 * limit keeps back all of a spec (null: it does not).
 */
export const CONDITIONS = question(`
  SELECT ${COUNTS}, ${oldestAvailable('s.id')}, ${LIMITED_UNTIL} ${COUNTED} ORDER BY n.name, s.name`);
