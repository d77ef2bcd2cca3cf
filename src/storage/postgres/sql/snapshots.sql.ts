import { TAKE_TIME } from '../wire/session-settings.js';
import { positions } from '../wire/positions.js';
import { lasting, question, sql } from '../wire/statement.js';
import { IMAGE_COLUMNS, IMAGE_WIDTH } from '../units/unit-image.js';
import { SPEC_COLUMNS, SPEC_WIDTH } from '../units/spec-head.js';
import { SET_SPEC } from './specs-admin.sql.js';

/** Begins a transaction in which everything is seen as it was at one moment. */
export const BEGIN_SNAPSHOT = sql('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');

/** The waits of a dump or of restoring are those of who reads or writes the file. */
export const LET_IT_TAKE_TIME = sql(TAKE_TIME);

/** @returns now, the last attempt number given out, how many units there are */
export const SNAPSHOT_HEAD = lasting(
  question(`
  SELECT coordinate.now_micros(), (SELECT CASE WHEN q.is_called THEN q.last_value ELSE 0 END FROM coordinate.attempt_number q),
    (SELECT coalesce(sum(c.available + c.delayed + c.pending + c.finished + c.failed), 0)::int8
      FROM coordinate.work_spec_count c
      WHERE (SELECT s.id FROM coordinate.work_spec s WHERE s.id = c.work_spec_id LIMIT 1) IS NOT NULL)`),
);

/**
 * The first rows of a window that have no more bytes together than fit, but one in any case: however large they are, what
 * is beyond is not even read.
 * @param bytes - of a row @param order - of the window, by names of its columns @param fit - the parameter that says how many fit
 * @returns behind the columns of the window three more, the last of which is how many rows the window has
 */
const fitting = (window: string, bytes: string, order: string, fit: string) =>
  lasting(
    question(`
  SELECT p.* FROM (
    SELECT q.*, row_number() OVER o AS place, sum(${bytes}) OVER o AS total, count(*) OVER () AS rows
    FROM (${window}) q WINDOW o AS (ORDER BY ${order})) p
  WHERE p.place = 1 OR p.total <= ${fit}::int8`),
  );

/** @param $1 the first name, $2 how many at most, $3 of how many bytes @returns name, id */
export const SNAPSHOT_NAMESPACES = fitting(
  `
    SELECT n.name, n.id FROM coordinate.namespace n WHERE n.name >= $1::bytea ORDER BY n.name LIMIT $2::int8`,
  'octet_length(q.name)',
  'q.name',
  '$3',
);

/** What it returns. */
export const SNAPSHOT_NAMESPACE = positions('name', 'id');

/**
 * @param $1 id of the namespace, $2 the first name, $3 how many at most, $4 of how many bytes
 * @returns the columns of a SpecHead, data, name
 */
export const SNAPSHOT_SPECS = fitting(
  `
    SELECT ${SPEC_COLUMNS}, s.data, s.full_at, s.name AS key FROM coordinate.work_spec s
    WHERE s.namespace_id = $1::int8 AND s.name >= $2::bytea ORDER BY s.name LIMIT $3::int8`,
  'octet_length(q.data)',
  'q.key',
  '$4',
);

/**
 * @param $1 id of the spec, $2 the first name, $3 how many at most, $4 of how many bytes
 * @returns the columns of a UnitImage, data of the unit, own data and start data of its latest attempt
 */
export const SNAPSHOT_UNITS = fitting(
  `
    SELECT ${IMAGE_COLUMNS}, u.data, u.attempt_data, u.attempt_start_data FROM coordinate.work_unit u
    WHERE u.work_spec_id = $1::int8 AND u.name >= $2::bytea ORDER BY u.name LIMIT $3::int8`,
  `octet_length(q.data) + coalesce(octet_length(q.attempt_data), 0) + coalesce(octet_length(q.attempt_start_data), 0)`,
  'q.name',
  '$4',
);

/** What SNAPSHOT_SPECS and SNAPSHOT_UNITS return. */
export const SNAPSHOT_SPEC = positions(['spec', SPEC_WIDTH], 'data', 'bucket', 'name');
export const SNAPSHOT_UNIT = positions(['unit', IMAGE_WIDTH], 'data', 'attemptData', 'attemptStartData');

/**
 * Attempts that another one has come after.
 * @param $1 id of the spec, $2 the unit and $3 the number after which they begin, $4 the last unit, $5 how many at most, $6 of
 * how many bytes
 * @returns unit, number, worker, start, end, expiration, status, data
 */
export const SNAPSHOT_ATTEMPTS = fitting(
  `
    SELECT a.work_unit, a.number, a.worker, a.start, a."end", a.expiration, a.status, a.data FROM coordinate.attempt a
    WHERE a.work_spec_id = $1::int8 AND (a.work_unit, a.number) > ($2::bytea, $3::int8) AND a.work_unit <= $4::bytea
    ORDER BY a.work_unit, a.number LIMIT $5::int8`,
  'octet_length(q.data)',
  'q.work_unit, q.number',
  '$6',
);

/**
 * @param $1 id of the namespace, $2 the first name, $3 how many at most, $4 of how many bytes
 * @returns name, parent, mode, data, last update, expiration, since when inactive, deactivated, reported, last claim, name
 * of the spec of what it was given then (null: nothing that is still there), first and last numbers of the attempts
 */
export const SNAPSHOT_WORKERS = fitting(
  `
    SELECT w.name, w.parent, w.mode, w.data, w.last_update, w.expiration, w.inactive_at, w.deactivated, w.reported,
      w.last_claim, s.name AS work_spec, w.claim_first, w.claim_last
    FROM coordinate.worker w
    LEFT JOIN coordinate.work_spec s ON s.id = w.claim_spec_id AND s.namespace_id = w.namespace_id
    WHERE w.namespace_id = $1::int8 AND w.name >= $2::bytea ORDER BY w.name LIMIT $3::int8`,
  'octet_length(q.data) + octet_length(q.mode)',
  'q.name',
  '$4',
);

/** What SNAPSHOT_ATTEMPTS and SNAPSHOT_WORKERS return. */
export const SNAPSHOT_ATTEMPT = positions(
  ...(['unit', 'number', 'worker', 'start', 'end', 'expiration', 'status', 'data'] as const),
);
export const SNAPSHOT_WORKER = positions(
  ...(['name', 'parent', 'mode', 'data', 'lastUpdate', 'expiration', 'inactiveAt', 'deactivated', 'reported'] as const),
  ...(['lastClaim', 'claimSpec', 'claimFirst', 'claimLast'] as const),
);

/** Keeps others from adding anything until the transaction ends. */
export const LOCK_STORAGE = lasting(
  sql(`LOCK TABLE coordinate.namespace, coordinate.work_spec, coordinate.worker IN SHARE ROW EXCLUSIVE MODE`),
);

/** @returns whether there are work specs or workers */
export const IS_USED = lasting(
  question(`
  SELECT EXISTS (SELECT 1 FROM coordinate.work_spec) OR EXISTS (SELECT 1 FROM coordinate.worker)`),
);

/** Lets no attempt number up to one be given out again. @param $1 the number */
export const SKIP_NUMBERS = lasting(
  sql(`
  SELECT setval('coordinate.attempt_number', greatest(q.last_value, $1::int8)) FROM coordinate.attempt_number q`),
);

/** As SET_SPEC. @returns id */
export const RESTORE_SPEC = lasting(sql(`${SET_SPEC.text} RETURNING s.id`));

/**
 * @param $1 id of the spec; of each unit: $2 name, $3 rank, $4 moment, $5 not before, $6 tries, $7 attempts, $8 status,
 * $9 data; of its latest attempt (null: none): $10 number, $11 start, $12 end, $13 expiration, $14 status, $15 worker,
 * $16 own data, $17 start data, $18 late; $19 cause (null: it is not failed), $20 failures, $21 lapse
 */
export const RESTORE_UNITS = lasting(
  sql(`
  INSERT INTO coordinate.work_unit (work_spec_id, name, rank, moment, not_before, tries, attempts, status, data,
    attempt_number, attempt_start, attempt_end, attempt_expiration, attempt_status, attempt_worker, attempt_data,
    attempt_start_data, late, cause, failures, lapse, cause_attempt)
  SELECT $1::int8, v.*, v.number FROM unnest($2::bytea[], $3::float8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
    $9::bytea[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::int8[], $15::bytea[], $16::bytea[], $17::bytea[],
    $18::bool[], $19::int8[], $20::int8[], $21::int8[]) AS v (name, rank, moment, not_before, tries, attempts, status, data, number, start, ended,
    expiration, attempt_status, worker, attempt_data, start_data, late, cause, failures, lapse)`),
);

/** @param $1 id of the spec; of each attempt: $2 unit, $3 number, $4 start, $5 end, $6 expiration, $7 status, $8 worker, $9 data */
export const RESTORE_ATTEMPTS = lasting(
  sql(`
  INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, start, "end", expiration, status, worker, data)
  SELECT $1::int8, v.* FROM unnest($2::bytea[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::bytea[],
    $9::bytea[]) AS v`),
);

/** @param $1 id of the spec, units: $2 available, $3 delayed, $4 pending, $5 finished, $6 failed */
export const RESTORE_COUNTS = lasting(
  sql(`
  INSERT INTO coordinate.work_spec_count (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
  VALUES ($1::int8, 0, $2::int8, $3::int8, $4::int8, $5::int8, $6::int8, 1)`),
);

/** @param $1 id of the spec; of each cause: $2 number, $3 how many units, $4 and $5 when the first and the last failed, $6 text */
export const RESTORE_CAUSES = lasting(
  sql(`
  INSERT INTO coordinate.work_spec_cause (work_spec_id, shard, cause, units, first, last, text)
  SELECT $1::int8, 0, v.* FROM unnest($2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::bytea[]) AS v`),
);

/**
 * @param $1 id of the namespace; of each worker: $2 name, $3 parent, $4 mode, $5 data, $6 last update, $7 expiration,
 * $8 since or from when inactive, $9 deactivated, $10 reported, $11 last claim, $12 id of its spec, $13 first and $14 last
 * numbers of its attempts
 */
export const RESTORE_WORKERS = lasting(
  sql(`
  INSERT INTO coordinate.worker (namespace_id, name, parent, mode, data, last_update, expiration, inactive_at, deactivated,
    reported, last_claim, claim_spec_id, claim_first, claim_last)
  SELECT $1::int8, v.* FROM unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::int8[], $7::int8[], $8::int8[],
    $9::bool[], $10::bool[], $11::int8[], $12::int8[], $13::int8[], $14::int8[]) AS v`),
);
