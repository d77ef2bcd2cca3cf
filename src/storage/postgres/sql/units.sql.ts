import { positions } from '../wire/positions.js';
import { question, sql } from '../wire/statement.js';
import { ADD_CAUSES } from './causes.sql.js';
import { anyMoment } from './conditions.js';
import { attemptStatusCode, PENDING } from '../units/codes.js';
import { ATTEMPT_DATA, IMAGE_COLUMNS, IMAGE_WIDTH } from '../units/unit-image.js';

/**
 * The row `u` of the unit that `v` names. Joined by key alone, a planner that knows the table to be empty may walk over all
 * of it for each statement, and keep that plan while the table grows; to look up one row at a time there is one way only.
 */
export const ROW_OF_V = `CROSS JOIN LATERAL (SELECT w.ctid AS place FROM coordinate.work_unit w
    WHERE w.work_spec_id = v.work_spec_id AND w.name = v.name LIMIT 1) p
  WHERE u.ctid = p.place`;

/**
 * Locks units by name, in one order so that two transactions do not wait for each other.
 * @param $1 ids of work specs, $2 names, $3 whether the data are wanted: columns of one length, sorted by id and name
 * @returns ordinal, the columns of a UnitImage, the unit's and the attempt's data where wanted
 */
export const LOCK_UNITS = sql(`
  SELECT v.ord, ${IMAGE_COLUMNS},
    CASE WHEN v.wanted THEN u.data END, CASE WHEN v.wanted THEN u.attempt_data END
  FROM unnest($1::int8[], $2::bytea[], $3::bool[]) WITH ORDINALITY AS v (work_spec_id, name, wanted, ord)
  CROSS JOIN LATERAL (SELECT * FROM coordinate.work_unit w
    WHERE w.work_spec_id = v.work_spec_id AND w.name = v.name FOR UPDATE) u
  ORDER BY v.ord`);

/** What LOCK_UNITS returns. */
export const LOCKED_UNIT = positions('ordinal', ['unit', IMAGE_WIDTH], 'data', 'attemptData');

const unitsWith = (lock: string) => `
  SELECT v.ord FROM unnest($1::int8[], $2::bytea[]) WITH ORDINALITY AS v (work_spec_id, name, ord)
  CROSS JOIN LATERAL (SELECT 1 FROM coordinate.work_unit w
    WHERE w.work_spec_id = v.work_spec_id AND w.name = v.name ${lock}) u`;

/** Those units of some that no other transaction holds. @param $1 ids of work specs, $2 names @returns ordinals */
export const FREE_UNITS = sql(unitsWith('FOR UPDATE SKIP LOCKED'));

/** Those that are there. @param $1 ids of work specs, $2 names @returns ordinals */
export const EXISTING_UNITS = question(unitsWith('LIMIT 1'));

const attemptsWith = (lock: string) => `
  SELECT v.ord FROM unnest($1::int8[], $2::bytea[], $3::int8[]) WITH ORDINALITY AS v (work_spec_id, name, number, ord)
  CROSS JOIN LATERAL (SELECT 1 FROM coordinate.attempt w
    WHERE w.work_spec_id = v.work_spec_id AND w.work_unit = v.name AND w.number = v.number ${lock}) a`;

/** As FREE_UNITS and EXISTING_UNITS, of attempts of the history. @param $3 their numbers */
export const FREE_ATTEMPTS = sql(attemptsWith('FOR NO KEY UPDATE SKIP LOCKED'));
export const EXISTING_ATTEMPTS = question(attemptsWith('LIMIT 1'));

/**
 * Locks units whose lease or delay has run out, leaving out those that another transaction holds.
 * @param $1 ids of work specs, $2 now, $3 how many at most
 * @returns id of the spec, the columns of a UnitImage
 */
export const LOCK_DUE = sql(due('SKIP LOCKED'));

/** As LOCK_DUE, but waits for those that another transaction holds. */
export const WAIT_FOR_DUE = sql(due(''));

/** What they return. */
export const DUE = positions('specId', ['unit', IMAGE_WIDTH]);

function due(wait: string): string {
  return `
  WITH due AS MATERIALIZED (
    SELECT s.id, d.name FROM unnest($1::int8[]) AS s (id) CROSS JOIN LATERAL (${[1, 2]
      .map(
        (status) => `
      (SELECT d.name FROM coordinate.work_unit d
       WHERE d.work_spec_id = s.id AND d.status = ${status} AND d.moment <= $2::int8 AND ${anyMoment('d')}
       ORDER BY d.work_spec_id, d.status, d.moment LIMIT $3::int8)`,
      )
      .join(' UNION ALL ')}) d
    LIMIT $3::int8),
  sorted AS MATERIALIZED (SELECT due.id, due.name FROM due ORDER BY due.id, due.name)
  SELECT sorted.id, u.* FROM sorted CROSS JOIN LATERAL (
    SELECT ${IMAGE_COLUMNS} FROM coordinate.work_unit u WHERE u.work_spec_id = sorted.id AND u.name = sorted.name
    FOR UPDATE ${wait}) u`;
}

/**
 * Locks the first claimable units of a work spec, leaving out those that another transaction holds, and those beyond the bytes
 * that fit, as `fitsIn` of claim-rules.ts says.
 * @param $1 id of the work spec, $2 and $3 rank and name before which none is available, $4 how many, $5 how many bytes
 * they may have together (null: any number; the first fits in any case), $6 how many each has beside its name and data, $7 max_retries
 * @returns a number for the new attempt, the columns of a UnitImage, the unit's data; and how many it locked, of which those
 * are left out that are beyond the bytes; and data of the latest attempt where the unit has had max_retries of them
 */
export const LOCK_CLAIMABLE = sql(claimable('SKIP LOCKED'));

/** As LOCK_CLAIMABLE, but waits for those that another transaction holds. */
export const WAIT_FOR_CLAIMABLE = sql(claimable(''));

/** What they return. */
export const CLAIMABLE = positions('number', ['unit', IMAGE_WIDTH], 'data', 'locked', 'lastData');

function claimable(wait: string): string {
  return `
  SELECT nextval('coordinate.attempt_number'), ${IMAGE_COLUMNS}, u.data, u.locked, u.last_data FROM (
    SELECT u.*, count(*) OVER () AS locked, row_number() OVER b AS ord,
      sum(octet_length(u.data) + octet_length(u.name) + $6::int8) OVER b AS bytes
    FROM (
      SELECT ${IMAGE_COLUMNS}, u.data,
        CASE WHEN $7::int8 > 0 AND u.tries >= $7::int8 THEN ${ATTEMPT_DATA} END AS last_data
      FROM coordinate.work_unit u
      WHERE u.work_spec_id = $1::int8 AND u.status = 0 AND (u.rank, u.name) >= ($2::float8, $3::bytea)
      ORDER BY u.rank, u.name LIMIT $4::int8
      FOR UPDATE ${wait}) u
    WINDOW b AS (ORDER BY u.rank, u.name)) u
  WHERE u.ord = 1 OR u.bytes <= coalesce($5::int8, u.bytes)
  ORDER BY u.rank, u.name`;
}

/** Gives out numbers for attempts. @param $1 how many */
export const ATTEMPT_NUMBERS = sql(`
  SELECT nextval('coordinate.attempt_number') FROM generate_series(1, $1::int8)`);

/**
 * Copies the latest attempts of units into the history, as other ones come after them.
 * @param $1 ids of work specs, $2 names of units, $3 statuses and $4 ends of the attempts
 */
export const SAVE_HISTORY = sql(`
  INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
  SELECT u.work_spec_id, u.name, u.attempt_number, u.attempt_worker, u.attempt_start, v.ended, u.attempt_expiration,
    v.status, coalesce(u.attempt_data, u.attempt_start_data, u.data)
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[]) AS v (work_spec_id, name, status, ended)
  CROSS JOIN LATERAL (SELECT * FROM coordinate.work_unit w
    WHERE w.work_spec_id = v.work_spec_id AND w.name = v.name LIMIT 1) u`);

/**
 * Starts attempts on units that this transaction has locked.
 * @param $1 ids of work specs, $2 names, $3 status and $4 moment of the units, $5 numbers, $6 workers, $7 starts,
 * $8 ends, $9 expirations, $10 statuses, $11 own data of the attempts, $12 causes of units that are failed (null: others)
 */
export const START_ATTEMPTS = sql(`
  UPDATE coordinate.work_unit u SET status = v.status, moment = v.moment, late = false,
    tries = u.tries + 1, attempts = u.attempts + 1,
    attempt_number = v.number, attempt_worker = v.worker, attempt_start = v.start, attempt_end = v.ended,
    attempt_expiration = v.expiration, attempt_status = v.attempt_status, attempt_data = v.data,
    attempt_start_data = NULL, cause = v.cause, cause_attempt = v.number
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[], $5::int8[], $6::bytea[], $7::int8[], $8::int8[],
    $9::int8[], $10::int8[], $11::bytea[], $12::int8[])
    AS v (work_spec_id, name, status, moment, number, worker, start, ended, expiration, attempt_status, data, cause)
  ${ROW_OF_V}`);

/**
 * Ends attempts on units that this transaction has locked, or renews them: only what the attempt's state changes.
 * @param $1 ids of work specs, $2 names, $3 status and $4 moment and $5 not_before of the units, $6 ends,
 * $7 expirations, $8 statuses, $9 lateness, $10 own data of the attempts (null: those they have), $11 causes as of START_ATTEMPTS
 */
export const CHANGE_ATTEMPTS = sql(`
  UPDATE coordinate.work_unit u SET status = v.status, moment = v.moment, not_before = v.not_before,
    attempt_end = v.ended, attempt_expiration = v.expiration, attempt_status = v.attempt_status, late = v.late,
    attempt_data = CASE WHEN v.data IS NULL THEN u.attempt_data ELSE v.data END,
    cause = v.cause, cause_attempt = u.attempt_number
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
    $9::bool[], $10::bytea[], $11::int8[])
    AS v (work_spec_id, name, status, moment, not_before, ended, expiration, attempt_status, late, data, cause)
  ${ROW_OF_V}`);

/**
 * Writes everything of units that this transaction has locked.
 * @param $1 ids of work specs, $2 names, $3 statuses, $4 moments, $5 ranks, $6 not_before, $7 tries, $8 attempts,
 * $9 numbers, $10 workers, $11 starts, $12 ends, $13 expirations, $14 statuses, $15 lateness of the latest attempts (null
 * where there is none), $16 data of the units and $17 of the attempts (null: those they have), $18 whether the attempt
 * began here, $19 whether it keeps showing the data that the unit had, $20 causes as of START_ATTEMPTS, $21 failures, $22 lapses
 */
export const WRITE_UNITS = sql(`
  UPDATE coordinate.work_unit u SET status = v.status, moment = v.moment, rank = v.rank, not_before = v.not_before,
    tries = v.tries, attempts = v.attempts, late = v.late,
    attempt_number = v.number, attempt_worker = v.worker, attempt_start = v.start, attempt_end = v.ended,
    attempt_expiration = v.expiration, attempt_status = v.attempt_status,
    data = CASE WHEN v.data IS NULL THEN u.data ELSE v.data END,
    attempt_data = CASE WHEN v.attempt_data IS NOT NULL THEN v.attempt_data WHEN v.started THEN NULL
      ELSE u.attempt_data END,
    attempt_start_data = CASE WHEN v.started THEN CASE WHEN v.keeps THEN u.data END
      WHEN v.keeps THEN coalesce(u.attempt_start_data, u.data) ELSE u.attempt_start_data END,
    cause = v.cause, cause_attempt = v.number, failures = v.failures, lapse = v.lapse
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[], $5::float8[], $6::int8[], $7::int8[], $8::int8[],
    $9::int8[], $10::bytea[], $11::int8[], $12::int8[], $13::int8[], $14::int8[], $15::bool[], $16::bytea[],
    $17::bytea[], $18::bool[], $19::bool[], $20::int8[], $21::int8[], $22::int8[])
    AS v (work_spec_id, name, status, moment, rank, not_before, tries, attempts, number, worker, start, ended,
      expiration, attempt_status, late, data, attempt_data, started, keeps, cause, failures, lapse)
  ${ROW_OF_V}`);

/**
 * Adds units that are not there. One that another transaction has added meanwhile fails the transaction, which then
 * begins again and finds it.
 * @param $1 ids of work specs, $2 names (both sorted), $3 statuses, $4 moments, $5 ranks, $6 not_before, $7 data
 */
export const INSERT_UNITS = sql(`
  INSERT INTO coordinate.work_unit
    (work_spec_id, name, status, moment, rank, not_before, data, tries, attempts, late)
  SELECT v.work_spec_id, v.name, v.status, v.moment, v.rank, v.not_before, v.data, 0, 0, false
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[], $5::float8[], $6::int8[], $7::bytea[])
    AS v (work_spec_id, name, status, moment, rank, not_before, data)`);

/** Deletes units that this transaction has locked. @param $1 ids of work specs, $2 names */
export const DELETE_UNITS = sql(`
  DELETE FROM coordinate.work_unit u USING unnest($1::int8[], $2::bytea[]) AS v (work_spec_id, name)
  ${ROW_OF_V}`);

/** Deletes the history of units. @param $1 ids of work specs, $2 names */
export const DELETE_HISTORY = sql(`
  DELETE FROM coordinate.attempt a WHERE a.ctid = ANY(ARRAY(
    SELECT p.place FROM unnest($1::int8[], $2::bytea[]) AS v (work_spec_id, name)
    CROSS JOIN LATERAL (SELECT w.ctid AS place FROM coordinate.attempt w
      WHERE w.work_spec_id = v.work_spec_id AND w.work_unit = v.name ORDER BY w.number) p))`);

/**
 * Deletes a part of the history of one unit.
 * @param $1 id of the work spec, $2 name, $3 the number after which it begins, $4 how many attempts
 * @returns the last number (null: there was none)
 */
export const DELETE_SOME_HISTORY = sql(`
  WITH gone AS (
    DELETE FROM coordinate.attempt a WHERE a.work_spec_id = $1::int8 AND a.work_unit = $2::bytea AND a.number > $3::int8
      AND a.number < coalesce((SELECT w.number FROM coordinate.attempt w
        WHERE w.work_spec_id = $1::int8 AND w.work_unit = $2::bytea AND w.number > $3::int8
        ORDER BY w.work_spec_id, w.work_unit, w.number OFFSET $4::int8 LIMIT 1), ${2n ** 63n - 1n})
    RETURNING a.number)
  SELECT max(gone.number) FROM gone`);

/**
 * Has attempts expire that have run out and are no longer their units' active ones; those that another transaction holds are left out.
 * @param $1 ids of work specs, $2 names of units, $3 numbers of their attempts, $4 now
 */
export const EXPIRE_DETACHED = sql(`
  WITH seen AS MATERIALIZED (
    SELECT v.id, v.name, v.number FROM unnest($1::int8[], $2::bytea[], $3::int8[]) AS v (id, name, number)),
  past AS (
    UPDATE coordinate.attempt a SET status = ${attemptStatusCode('expired')}, "end" = a.expiration
    FROM seen CROSS JOIN LATERAL (SELECT p.ctid AS place FROM coordinate.attempt p
      WHERE p.work_spec_id = seen.id AND p.work_unit = seen.name AND p.number = seen.number
        AND p.status = ${attemptStatusCode('pending')} AND p.expiration <= $4::int8
      FOR UPDATE SKIP LOCKED) k
    WHERE a.ctid = k.place)
  UPDATE coordinate.work_unit u SET attempt_status = ${attemptStatusCode('expired')}, attempt_end = u.attempt_expiration
  FROM seen CROSS JOIN LATERAL (SELECT w.ctid AS place FROM coordinate.work_unit w
    WHERE w.work_spec_id = seen.id AND w.name = seen.name AND w.attempt_number = seen.number
      AND w.status <> ${PENDING} AND w.attempt_status = ${attemptStatusCode('pending')}
      AND w.attempt_expiration <= $4::int8
    FOR UPDATE SKIP LOCKED) k
  WHERE u.ctid = k.place`);

/**
 * Reads attempts of the history by number.
 * @param $1 ids of work specs, $2 names of units, $3 numbers
 * @returns ordinal, worker, start, end, expiration, status, number
 */
export const PAST_ATTEMPTS = question(`
  SELECT v.ord, a.worker, a.start, a."end", a.expiration, a.status, a.number
  FROM unnest($1::int8[], $2::bytea[], $3::int8[]) WITH ORDINALITY AS v (work_spec_id, name, number, ord)
  CROSS JOIN LATERAL (SELECT * FROM coordinate.attempt w
    WHERE w.work_spec_id = v.work_spec_id AND w.work_unit = v.name AND w.number = v.number LIMIT 1) a`);

/** What PAST_ATTEMPTS returns. */
export const PAST = positions('ordinal', 'worker', 'start', 'end', 'expiration', 'status', 'number');

/**
 * Writes attempts of the history.
 * @param $1 ids of work specs, $2 names of units, $3 numbers, $4 statuses, $5 ends, $6 data (null: those they have)
 */
export const WRITE_PAST = sql(`
  UPDATE coordinate.attempt a SET status = v.status, "end" = v.ended,
    data = CASE WHEN v.data IS NULL THEN a.data ELSE v.data END
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[], $5::int8[], $6::bytea[])
    AS v (work_spec_id, name, number, status, ended, data)
  CROSS JOIN LATERAL (SELECT w.ctid AS place FROM coordinate.attempt w
    WHERE w.work_spec_id = v.work_spec_id AND w.work_unit = v.name AND w.number = v.number LIMIT 1) p
  WHERE a.ctid = p.place`);

/**
 * Adds to the counters of work specs. Each connection has counters of its own, so that they do not wait for each other.
 * @param $1 ids of work specs (sorted), $2 which counters, $3 available, $4 delayed, $5 pending, $6 finished, $7 failed,
 * $8 how often a unit became available
 */
export const ADD_COUNTS = sql(addCounts(''));

/**
 * As ADD_COUNTS, and to those of causes.
 * @param $9 ids of work specs and $10 causes (sorted by both), $11 how many units, $12 when they failed, $13 texts (empty: none failed)
 */
export const ADD_COUNTS_OF_CAUSES = sql(
  addCounts(`WITH caused AS (
    INSERT INTO coordinate.work_spec_cause AS c (work_spec_id, cause, shard, units, first, last, text)
    SELECT v.work_spec_id, v.cause, $2::int8, v.units, v.moment, v.moment, v.text
    FROM unnest($9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::bytea[]) AS v (work_spec_id, cause, units, moment, text)
    ${ADD_CAUSES})`),
);

function addCounts(first: string): string {
  return `
  ${first}
  INSERT INTO coordinate.work_spec_count AS c
    (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
  SELECT v.work_spec_id, $2::int8, v.available, v.delayed, v.pending, v.finished, v.failed, v.arrivals
  FROM unnest($1::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[])
    AS v (work_spec_id, available, delayed, pending, finished, failed, arrivals)
  ON CONFLICT (work_spec_id, shard) DO UPDATE SET available = c.available + excluded.available,
    delayed = c.delayed + excluded.delayed, pending = c.pending + excluded.pending,
    finished = c.finished + excluded.finished, failed = c.failed + excluded.failed,
    arrivals = c.arrivals + excluded.arrivals`;
}
