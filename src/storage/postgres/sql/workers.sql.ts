import { PENDING } from '../units/codes.js';
import { positions } from '../wire/positions.js';
import { lasting, question, sql } from '../wire/statement.js';
import { anyInactivity, anyMoment, anyWorker, IS_ACTIVE, pendingOf } from './conditions.js';

/**
 * Makes the records of workers that are not there, and keeps all from being removed until the transaction ends.
 * @param $1 ids of namespaces, $2 names (sorted); times of a new record: $3 last update, $4 expiration, $5 from when on it is not
 * active, $6 whether it is deactivated
 */
export const ENSURE_WORKERS = sql(`
  INSERT INTO coordinate.worker AS w
    (namespace_id, name, mode, data, last_update, expiration, inactive_at, deactivated, reported)
  SELECT v.namespace_id, v.name, '', '\\xa0', $3::int8, $4::int8, $5::int8, $6::bool, false
  FROM unnest($1::int8[], $2::bytea[]) AS v (namespace_id, name)
  ON CONFLICT (namespace_id, name) DO UPDATE SET reported = w.reported WHERE false`);

/**
 * Records what workers were last given, making their records if need be.
 * @param $1 ids of namespaces, $2 names (sorted), $3 ids of work specs (null: they were given nothing), $4 first and $5 last
 * numbers of their attempts, $6 now; times of a new record: $7 last update, $8 expiration, $9 from when on it is not active,
 * $10 whether it is deactivated
 */
export const RECORD_CLAIMS = sql(`
  INSERT INTO coordinate.worker AS w
    (namespace_id, name, mode, data, last_update, expiration, inactive_at, deactivated, reported,
     last_claim, claim_spec_id, claim_first, claim_last)
  SELECT v.namespace_id, v.name, '', '\\xa0', $7::int8, $8::int8, $9::int8, $10::bool, false,
    CASE WHEN v.work_spec_id IS NOT NULL THEN $6::int8 END, v.work_spec_id, v.first, v.last
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[], $5::int8[])
    AS v (namespace_id, name, work_spec_id, first, last)
  ON CONFLICT (namespace_id, name) DO UPDATE SET
    last_claim = coalesce(excluded.last_claim, w.last_claim),
    claim_spec_id = excluded.claim_spec_id, claim_first = excluded.claim_first, claim_last = excluded.claim_last`);

/**
 * Which workers have no record, or one that says they were given something.
 * @param $1 ids of namespaces, $2 names @returns ordinal
 */
export const WORKERS_TO_RECORD = question(`
  SELECT v.ord FROM unnest($1::int8[], $2::bytea[]) WITH ORDINALITY AS v (namespace_id, name, ord)
  LEFT JOIN LATERAL (SELECT x.name, x.claim_spec_id FROM coordinate.worker x
    WHERE x.namespace_id = v.namespace_id AND x.name = v.name LIMIT 1) w ON true
  WHERE w.name IS NULL OR w.claim_spec_id IS NOT NULL`);

const workersWith = (lock: string) => `
  SELECT v.ord FROM unnest($1::int8[], $2::bytea[]) WITH ORDINALITY AS v (namespace_id, name, ord)
  CROSS JOIN LATERAL (SELECT 1 FROM coordinate.worker w
    WHERE w.namespace_id = v.namespace_id AND w.name = v.name ${lock}) x`;

/** Those records of some that no other transaction holds. @param $1 ids of namespaces, $2 names @returns ordinals */
export const FREE_WORKERS = sql(workersWith('FOR NO KEY UPDATE SKIP LOCKED'));

/** Those that are there. @param $1 ids of namespaces, $2 names @returns ordinals */
export const EXISTING_WORKERS = question(workersWith('LIMIT 1'));

/**
 * A worker's record.
 * @param $1 name of the namespace, $2 of the worker
 * @returns parent, its children in hexadecimals joined by commas, whether it is active, mode, data, last update,
 * expiration, last claim
 */
export const FIND_WORKER = question(`
  SELECT w.parent, (SELECT string_agg(encode(c.name, 'hex'), ',' ORDER BY c.name) FROM coordinate.worker c
      WHERE c.namespace_id = w.namespace_id AND c.parent = w.name),
    ${IS_ACTIVE}, w.mode, w.data, w.last_update, w.expiration, w.last_claim
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  JOIN coordinate.worker w ON w.namespace_id = n.id WHERE n.name = $1::bytea AND w.name = $2::bytea`);

/**
 * Keeps a worker from being changed or removed until the transaction ends, and reads what its rules look at.
 * @param $1 id of the namespace, $2 name
 * @returns now; and last update (null: it is not there), expiration, from when on it is not active, whether it is deactivated,
 * whether it has reported itself, parent
 */
export const LOCK_WORKER = sql(`
  SELECT t.now, w.* FROM (SELECT coordinate.now_micros() AS now) t
  LEFT JOIN LATERAL (SELECT v.last_update, v.expiration, v.inactive_at, v.deactivated, v.reported, v.parent
    FROM coordinate.worker v WHERE v.namespace_id = $1::int8 AND v.name = $2::bytea FOR NO KEY UPDATE) w ON true`);

/** What LOCK_WORKER returns. */
export const LOCKED_WORKER = positions(
  ...(['now', 'lastUpdate', 'expiration', 'inactiveAt', 'deactivated', 'reported', 'parent'] as const),
);

/** Whether a worker is above another. @param $1 id of the namespace, $2 the one below, $3 the one above @returns rows if so */
export const IS_ABOVE = question(`
  WITH RECURSIVE above (name) AS (
    SELECT w.parent FROM coordinate.worker w WHERE w.namespace_id = $1::int8 AND w.name = $2::bytea
    UNION
    SELECT w.parent FROM above JOIN coordinate.worker w ON w.namespace_id = $1::int8 AND w.name = above.name)
  SELECT 1 FROM above WHERE above.name = $3::bytea`);

/**
 * Writes a worker that this transaction has locked.
 * @param $1 id of the namespace, $2 name, $3 last update, $4 expiration, $5 from when on it is not active, $6 whether it is
 * deactivated, $7 whether it has reported itself, $8 parent (null: none), $9 mode and $10 data (null: as they are)
 */
export const WRITE_WORKER = sql(`
  UPDATE coordinate.worker w SET last_update = $3::int8, expiration = $4::int8, inactive_at = $5::int8,
    deactivated = $6::bool, reported = $7::bool, parent = $8::bytea,
    mode = coalesce($9::bytea, w.mode), data = coalesce($10::bytea, w.data)
  WHERE w.namespace_id = $1::int8 AND w.name = $2::bytea`);

/**
 * Makes a worker inactive, as `deactivateWorker` of worker-rules.ts does.
 * @param $1 name of the namespace, $2 of the worker @returns a row if it is there
 */
export const DEACTIVATE_WORKER = sql(`
  UPDATE coordinate.worker w SET deactivated = true, inactive_at = least(w.inactive_at, coordinate.now_micros())
  FROM coordinate.namespace n WHERE n.id = w.namespace_id AND n.name = $1::bytea AND w.name = $2::bytea RETURNING 1`);

/**
 * Workers in the order of their names.
 * @param $1 name of the namespace, $2 only active ones, $3 only those that have reported, $4 the name after which they
 * begin, $5 how many
 * @returns name, whether it is active, mode, parent, last claim, last update
 */
export const LIST_WORKERS = question(`
  SELECT w.name, ${IS_ACTIVE}, w.mode, w.parent, w.last_claim, w.last_update
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  JOIN coordinate.worker w ON w.namespace_id = n.id
  WHERE n.name = $1::bytea AND w.name > $4::bytea AND (NOT $3::bool OR w.reported) AND (NOT $2::bool OR (${IS_ACTIVE}))
  ORDER BY w.namespace_id, w.name LIMIT $5::int8`);

/** The same of active ones, of which there are few among many: by the time at which they stop being so. */
export const LIST_ACTIVE_WORKERS = question(`
  SELECT w.name, true, w.mode, w.parent, w.last_claim, w.last_update
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  JOIN coordinate.worker w ON w.namespace_id = n.id AND w.inactive_at > t.now AND ${anyInactivity('w')}
  WHERE n.name = $1::bytea AND w.name > $3::bytea AND (NOT $2::bool OR w.reported) AND ${IS_ACTIVE}
  ORDER BY w.name LIMIT $4::int8`);

/**
 * The same in the order of their last claims, as `compareClaims` of worker.ts says: all are looked at, since an index would have
 * to be changed by every claim.
 * @param $1 name of the namespace, $2 only active ones, $3 only those that have reported, $4 last claim (0: none) and $5 name after
 * which they begin, $6 how many
 */
export const LIST_WORKERS_BY_CLAIM = question(`
  SELECT w.name, ${IS_ACTIVE}, w.mode, w.parent, w.last_claim, w.last_update
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  JOIN coordinate.worker w ON w.namespace_id = n.id
  WHERE n.name = $1::bytea AND w.name > '' AND (NOT $3::bool OR w.reported) AND (NOT $2::bool OR (${IS_ACTIVE}))
    AND (coalesce(w.last_claim, 0), w.name) > ($4::int8, $5::bytea)
  ORDER BY coalesce(w.last_claim, 0), w.name LIMIT $6::int8`);

/**
 * How many units workers hold, of the specs that have any that are pending: all of these are looked at, once for all workers, whose names
 * stand in a table of hashes (see START_ALONE).
 * @param $1 name of the namespace, $2 names of workers @returns name, how many
 */
export const UNITS_HELD = question(`
  SELECT h.worker, sum(h.units)::int8 FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  CROSS JOIN LATERAL (SELECT w.id FROM coordinate.work_spec w WHERE w.namespace_id = n.id AND EXISTS (
    SELECT FROM coordinate.work_spec_count k WHERE k.work_spec_id = w.id HAVING sum(k.pending) > 0)) s
  CROSS JOIN LATERAL (SELECT u.attempt_worker AS worker, count(*) AS units FROM coordinate.work_unit u
    WHERE u.work_spec_id = s.id AND u.status = ${PENDING} AND u.moment > t.now AND ${anyMoment('u')}
      AND u.attempt_status = 0 AND (u.attempt_worker IN (SELECT unnest($2::bytea[]))) IS TRUE
    GROUP BY u.attempt_worker) h
  WHERE n.name = $1::bytea GROUP BY h.worker`);

/** What workers say of themselves, where that is no more than so many bytes. @param $1 name of the namespace, $2 names, $3 bytes @returns name, data */
export const SHORT_DATA = question(`
  SELECT w.name, w.data FROM coordinate.namespace n JOIN coordinate.worker w ON w.namespace_id = n.id
  WHERE n.name = $1::bytea AND w.name = ANY($2::bytea[]) AND octet_length(w.data) BETWEEN 2 AND $3::int8`);

/** @param $1 name of the namespace @returns how many active workers have reported, and how many of them have a parent */
export const WORKER_STATS = question(`
  SELECT count(*), count(w.parent)
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  JOIN coordinate.worker w ON w.namespace_id = n.id AND w.inactive_at > t.now AND ${anyInactivity('w')}
  WHERE n.name = $1::bytea AND w.reported AND w.name <> '' AND ${IS_ACTIVE}`);

/**
 * The workers of the namespace $1 that hold units which are pending, which IS_IDLE looks among: no index has those by the names of
 * workers, and all of them are looked at once for all workers that a statement asks about.
 */
const AT_WORK = `at_work AS MATERIALIZED (
    SELECT DISTINCT u.attempt_worker AS name FROM t CROSS JOIN coordinate.work_spec s
    CROSS JOIN LATERAL ${pendingOf('s.id')}
    WHERE s.namespace_id = $1::int8 AND u.attempt_status = 0 AND u.attempt_expiration > t.now)`;

/**
 * Whether nobody needs the record of a worker `w`, as `mayBeForgotten` of worker-rules.ts says. That `at_work` is looked at in a table
 * of hashes is what IS NOT TRUE is for: a join could only compare each with each.
 */
const IS_IDLE = `NOT EXISTS (SELECT 1 FROM coordinate.worker c WHERE c.namespace_id = w.namespace_id AND c.parent = w.name)
      AND (w.name IN (SELECT k.name FROM at_work k)) IS NOT TRUE
      AND NOT EXISTS (SELECT 1 FROM coordinate.work_spec s CROSS JOIN LATERAL (SELECT 1 FROM coordinate.work_unit u
          WHERE u.work_spec_id = s.id AND u.attempt_worker = w.name AND u.attempt_status = 0 AND u.status <> ${PENDING}
            AND u.attempt_expiration > t.now LIMIT 1) u
        WHERE s.namespace_id = w.namespace_id)
      AND NOT EXISTS (SELECT 1 FROM coordinate.work_spec s JOIN coordinate.attempt a ON a.work_spec_id = s.id
        AND a.worker = w.name AND ${anyWorker('a')} AND a.status = 0 AND a.expiration > t.now
        WHERE s.namespace_id = w.namespace_id)`;

/** Chooses from those until a moment, which the statement names in `boundary`, and locks the idle ones of them. */
const lockInactive = (boundary: string) =>
  lasting(
    sql(`
  WITH t AS MATERIALIZED (SELECT coordinate.now_micros() AS now),
  boundary AS MATERIALIZED (${boundary}),
  candidates AS MATERIALIZED (
    SELECT w.name, w.inactive_at FROM boundary b
    JOIN coordinate.worker w ON w.namespace_id = $1::int8 AND w.inactive_at <= b.inactive_at AND w.inactive_at >= $3::int8
      AND ${anyInactivity('w')} AND (w.inactive_at, w.name) > ($3::int8, $4::bytea)
      AND (w.inactive_at < b.inactive_at OR b.name IS NULL OR w.name <= b.name)
    ORDER BY w.inactive_at, w.name LIMIT $5::int8),
  ${AT_WORK}
  SELECT k.name, k.inactive_at, l.name IS NOT NULL FROM candidates k
  LEFT JOIN LATERAL (SELECT w.name FROM t CROSS JOIN coordinate.worker w
    WHERE w.namespace_id = $1::int8 AND w.name = k.name AND w.inactive_at = k.inactive_at AND ${IS_IDLE}
    FOR UPDATE OF w SKIP LOCKED) l ON true`),
  );

/**
 * Locks idle workers that have been inactive for long, leaving out what another transaction holds.
 * @param $1 id of the namespace, $2 for how long, $3 since when the last one was inactive that has been looked at and
 * $4 its name, $5 how many are looked at
 * @returns for each that was looked at, those first that have been inactive longest: name, since when, whether it is locked
 */
export const LOCK_LONG_INACTIVE = lockInactive('SELECT t.now - $2::int8 AS inactive_at, NULL::bytea AS name FROM t');

/** The same of those beyond the newest inactive ones. @param $2 how many of those are kept */
export const LOCK_SURPLUS_INACTIVE = lockInactive(`
    SELECT w.inactive_at, w.name FROM t
    JOIN coordinate.worker w ON w.namespace_id = $1::int8 AND w.inactive_at <= t.now AND ${anyInactivity('w')}
    ORDER BY w.inactive_at DESC, w.name DESC OFFSET $2::int8 LIMIT 1`);

/** What these return. */
export const LOOKED_AT = positions('name', 'inactiveAt', 'isLocked');

/**
 * Deletes workers that are locked, those that are still idle. @param $1 id of the namespace, $2 names
 * @returns a row for each
 */
export const DELETE_WORKERS = lasting(
  sql(`
  WITH t AS MATERIALIZED (SELECT coordinate.now_micros() AS now),
  ${AT_WORK}
  DELETE FROM coordinate.worker w USING t CROSS JOIN unnest($2::bytea[]) AS v (name)
  WHERE w.namespace_id = $1::int8 AND w.name = v.name AND ${IS_IDLE} RETURNING 1`),
);
