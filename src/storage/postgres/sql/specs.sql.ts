import { positions } from '../wire/positions.js';
import { question, sql } from '../wire/statement.js';
import { isDue } from './conditions.js';
import { FIRST_SLOT } from './schedules.sql.js';
import { SPEC_COLUMNS, SPEC_WIDTH } from '../units/spec-head.js';

/** Finds the ids of namespaces. @param $1 names @returns id, name */
export const FIND_NAMESPACES = question(`
  SELECT n.id, n.name FROM coordinate.namespace n WHERE n.name = ANY($1::bytea[])`);

/** Makes namespaces that are not there. @param $1 names */
export const ENSURE_NAMESPACES = sql(`
  INSERT INTO coordinate.namespace (name) SELECT v.name FROM unnest($1::bytea[]) AS v (name)
  ORDER BY v.name ON CONFLICT (name) DO NOTHING`);

/**
 * Reads work specs by name.
 * @param $1 names of namespaces, $2 of the specs @returns the columns of a SpecHead, name of the namespace
 */
export const FIND_SPECS = question(`
  SELECT ${SPEC_COLUMNS}, n.name FROM unnest($1::bytea[], $2::bytea[]) AS v (namespace, name)
  JOIN coordinate.namespace n ON n.name = v.namespace
  JOIN coordinate.work_spec s ON s.namespace_id = n.id AND s.name = v.name`);

/** What FIND_SPECS returns. */
export const FOUND_SPEC = positions(['spec', SPEC_WIDTH], 'namespace');

/** The same by $1 ids of namespaces, $2 names of the specs. @returns the columns of a SpecHead */
export const FIND_SPECS_IN = question(`
  SELECT ${SPEC_COLUMNS} FROM unnest($1::int8[], $2::bytea[]) AS v (namespace_id, name)
  JOIN coordinate.work_spec s ON s.namespace_id = v.namespace_id AND s.name = v.name`);

/** Reads work specs. @param $1 their ids @returns the columns of a SpecHead */
export const READ_SPECS = question(`
  SELECT ${SPEC_COLUMNS} FROM coordinate.work_spec s WHERE s.id = ANY($1::int8[])`);

/** Reads the clock, and which versions work specs have. @param $1 their ids @returns now, id, version (a row at least) */
export const CHECK_SPECS = question(`
  SELECT c.now, s.id, s.version FROM (SELECT coordinate.now_micros() AS now) c
  LEFT JOIN coordinate.work_spec s ON s.id = ANY($1::int8[])`);

const lockSpecs = (wait: string) => `
  SELECT s.id FROM coordinate.work_spec s WHERE s.id = ANY($1::int8[]) ORDER BY s.id FOR NO KEY UPDATE ${wait}`;

/**
 * Keeps others from claiming units of work specs that allow only so many at a time, leaving out those that another
 * transaction holds. @param $1 their ids @returns ids
 */
export const LOCK_SPECS = sql(lockSpecs('SKIP LOCKED'));

/**
 * Keeps work specs from being given a limit until the transaction ends, leaving out those to which somebody is doing that.
 * @param $1 their ids @returns id and version of each
 */
export const HOLD_SPECS = sql(`
  SELECT s.id, s.version FROM coordinate.work_spec s WHERE s.id = ANY($1::int8[]) ORDER BY s.id FOR KEY SHARE SKIP LOCKED`);

/** As LOCK_SPECS, but waits for those that another transaction holds. */
export const WAIT_FOR_SPECS = sql(lockSpecs(''));

/**
 * Joins to a spec s with the counts c the rank and name f of its first claimable unit, looked for from where a hint says if the
 * spec has had no arrivals since. $3 to $6 are the hints: ids of specs, their arrivals, rank and name.
 */
export const FIRST_CLAIMABLE = `LEFT JOIN unnest($3::int8[], $4::int8[], $5::float8[], $6::bytea[]) AS h (id, arrivals, rank, name)
    ON h.id = s.id AND h.arrivals = c.arrivals
  LEFT JOIN LATERAL (
    SELECT u.rank, u.name FROM coordinate.work_unit u
    WHERE u.work_spec_id = s.id AND u.status = 0
      AND (u.rank, u.name) >= (coalesce(h.rank, '-Infinity'::float8), coalesce(h.name, ''::bytea))
    ORDER BY u.rank, u.name LIMIT 1) f ON true`;

/**
 * What the draw looks at, in one snapshot. A hint is a place in the order of claimable units before which there was none
 * when the counter of arrivals stood at a number; while it still does, the search for the first one begins there.
 * @param $1 ids of namespaces, $2 now (0: read the clock); hints: $3 ids of work specs, $4 arrivals, $5 ranks, $6 names
 * @returns now, id of the namespace, id and version of the spec (null: it has none), available, delayed, pending,
 * arrivals, whether a lease or delay has run out, rank and name of the first claimable unit (null: none), when the bucket of its
 * rate limit is full (null: it has none)
 */
export const CLAIM_STATE = question(`
  WITH t AS MATERIALIZED (
    SELECT CASE WHEN $2::int8 = 0 THEN coordinate.now_micros() ELSE $2::int8 END AS now)
  SELECT t.now, n.id, s.id, s.version, c.available, c.delayed, c.pending, c.arrivals,
    ${isDue('s.id', 't.now')},
    f.rank, f.name, s.full_at
  FROM t
  CROSS JOIN unnest($1::int8[]) AS a (id)
  JOIN coordinate.namespace n ON n.id = a.id
  LEFT JOIN coordinate.work_spec s ON s.namespace_id = n.id
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(k.available), 0)::int8 AS available, coalesce(sum(k.delayed), 0)::int8 AS delayed,
      coalesce(sum(k.pending), 0)::int8 AS pending, coalesce(sum(k.arrivals), 0)::int8 AS arrivals
    FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.id) c ON true
  ${FIRST_CLAIMABLE}`);

/** What CLAIM_STATE returns. */
export const CLAIM_STATE_ROW = positions(
  ...(['now', 'namespaceId', 'specId', 'version', 'available', 'delayed', 'pending', 'arrivals'] as const),
  ...(['isDue', 'rank', 'name', 'fullAt'] as const),
);

/**
 * Sets when the next unit of a continuous spec may start, unless somebody has changed the spec meanwhile.
 * @param $1 its id, $2 its version, $3 the moment, $4 the moment that this follows from
 */
export const SET_NEXT_CONTINUOUS = sql(`
  UPDATE coordinate.work_spec SET next_continuous = $3::int8, last_continuous = $4::int8, version = version + 1
  WHERE id = $1::int8 AND version = $2::int8`);

/** A sign of life. @returns now, and whether nothing can be written */
export const PROBE = question(`
  SELECT coordinate.now_micros(), current_setting('transaction_read_only') = 'on'`);

/** The same that is asked now and then. @returns as PROBE, then when there is something to do for a schedule (null: never) */
export const PROBE_PERIODIC = question(`
  SELECT coordinate.now_micros(), current_setting('transaction_read_only') = 'on', ${FIRST_SLOT}`);

/**
 * Makes the tables grow, in a transaction that is then rolled back, to see whether there is room.
 * @param $1 any number that other daemons are unlikely to take at this moment, $2 some bytes that can't be compressed
 */
export const TRY_WRITING = sql(`
  INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
  VALUES (0, '', $1::int8, '', 0, 0, 0, 0, $2::bytea)`);

/** What a commit of this session waits for. @returns version of the server, fsync, synchronous_commit */
export const READ_DURABILITY = question(`
  SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')`);
