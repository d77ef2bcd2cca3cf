import { COUNTED, HOUR, WORK_BOUNDS } from '../../../domain/history.js';
import { MINUTE } from '../../../domain/time.js';
import { positions } from '../wire/positions.js';
import { lasting, question, sql } from '../wire/statement.js';

const TIMES = ['waited', 'worked'] as const;
const SECONDS = TIMES.map((times) => `${times}_seconds`);
const BUCKETS = WORK_BOUNDS.map((_, i) => i + 1).concat(WORK_BOUNDS.length + 1);

/** All that is added up, as columns of the table. */
const COLUMNS = [...COUNTED, ...SECONDS, ...TIMES].join(', ');
/** Their sums over rows `h`; those of counts are as long as they are. */
const SUMS = [
  ...COUNTED.map((counted) => `sum(h.${counted})::int8`),
  ...SECONDS.map((seconds) => `sum(h.${seconds})`),
  ...TIMES.map((times) => `ARRAY[${BUCKETS.map((i) => `sum(h.${times}[${i}])::int8`).join(', ')}]`),
].join(', ');

/** Adds to what is there. */
const ADDED_UP = `ON CONFLICT (history_id, minutes, start) DO UPDATE SET
    ${[...COUNTED, ...SECONDS].map((column) => `${column} = h.${column} + excluded.${column}`).join(', ')},
    ${TIMES.map((times) => `${times} = ARRAY[${BUCKETS.map((i) => `h.${times}[${i}] + excluded.${times}[${i}]`).join(', ')}]`).join(', ')},
    last_claim = greatest(h.last_claim, excluded.last_claim)`;

/**
 * Adds what has happened in some minutes to what the database has of them, of work specs that are still there. All write in
 * one order, so that no two daemons wait for each other.
 * @param $1 history ids of the specs, $2 starts of the minutes, $3 last claims (null: none), $4 to $10 the counts in the order of
 * COUNTED, $11 and $12 seconds waited and worked, $13 and $14 how many were in each bucket, as text of an array
 */
export const ADD_HISTORY = sql(`
  INSERT INTO coordinate.work_spec_history AS h (history_id, minutes, start, last_claim, ${COLUMNS})
  SELECT v.history_id, 1, v.start, v.last_claim, ${COUNTED.map((counted) => `v.${counted}`).join(', ')},
    ${SECONDS.map((seconds) => `v.${seconds}`).join(', ')},
    ${TIMES.map((times) => `convert_from(v.${times}, 'UTF8')::int8[]`).join(', ')}
  FROM unnest($1::int8[], $2::int8[], $3::int8[], ${COUNTED.map((_, i) => `$${i + 4}::int8[]`).join(', ')},
      $11::float8[], $12::float8[], $13::bytea[], $14::bytea[])
    AS v (history_id, start, last_claim, ${COLUMNS})
  JOIN coordinate.work_spec s ON s.history_id = v.history_id
  ORDER BY v.history_id, v.start
  ${ADDED_UP}`);

const minutesWith = (lock: string) => `
  SELECT v.ord FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS v (history_id, start, ord)
  CROSS JOIN LATERAL (SELECT FROM coordinate.work_spec_history h
    WHERE h.history_id = v.history_id AND h.minutes = 1 AND h.start = v.start ${lock}) x`;

/** Those of some minutes that are there, and those of them that nobody holds. @param $1 history ids, $2 starts @returns ordinals */
export const EXISTING_MINUTES = question(minutesWith('LIMIT 1'));
export const FREE_MINUTES = sql(minutesWith('FOR NO KEY UPDATE SKIP LOCKED'));

/** How the history of specs `s` is added up, step by step. An hour that is longer than a step stays whole. */
const INTO_STEPS = `
  SELECT CASE WHEN h.minutes * ${MINUTE}::int8 < $5::int8 THEN h.start / $5::int8 * $5::int8 ELSE h.start END,
    max(h.minutes), ${SUMS}`;
const IN_WINDOW = 'h.start >= $3::int8 AND h.start < $4::int8';

/**
 * What happened to the work of a spec.
 * @param $1 name of the namespace, $2 of the spec, $3 from when and $4 until when, $5 length of a step
 * @returns start, how many minutes the longest row in it has, the sums; a row without a start where nothing happened; none: there is
 * no such spec
 */
export const HISTORY_OF_SPEC = question(`
  ${INTO_STEPS} FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
  LEFT JOIN coordinate.work_spec_history h ON h.history_id = s.history_id AND ${IN_WINDOW}
  WHERE n.name = $1::bytea AND s.name = $2::bytea GROUP BY 1 ORDER BY 1`);

/** The same of all specs of a namespace; $2 is not looked at. */
export const HISTORY_OF_NAMESPACE = question(`
  ${INTO_STEPS} FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
  JOIN coordinate.work_spec_history h ON h.history_id = s.history_id AND ${IN_WINDOW}
  WHERE n.name = $1::bytea AND $2::bytea IS NOT NULL GROUP BY 1 ORDER BY 1`);

/** What both return. */
export const HISTORY_STEP = positions('start', 'minutes', ['counts', COUNTED.length], ...SECONDS, ...TIMES);

/** The names by which the histories of work specs are found. @param $1 ids of the specs @returns id, history id */
export const HISTORY_IDS = question(`
  SELECT s.id, s.history_id FROM coordinate.work_spec s WHERE s.id = ANY($1::int8[])`);

/** Whether a row of a length is old. @param age - since when, as a parameter */
export const isOldHistory = (h: string, minutes: number, age: string) => `${h}.minutes = ${minutes}
    AND ${h}.start < (SELECT (coordinate.now_micros() - ${age}::int8) / ${HOUR}::int8 * ${HOUR}::int8)`;

/** The oldest rows of a length. @param $1 those of hours that began so long ago, $2 how many */
const oldest = (minutes: number) => `
    SELECT o.history_id, o.start FROM coordinate.work_spec_history o
    WHERE ${isOldHistory('o', minutes, '$1')} ORDER BY o.minutes, o.start LIMIT $2::int8
    FOR UPDATE SKIP LOCKED`;

/** Makes hours of old minutes. @param $1 those that are so old, $2 how many @returns how many there were */
export const MAKE_HOURS = lasting(
  sql(`
  WITH old AS MATERIALIZED (${oldest(1)}),
  gone AS (DELETE FROM coordinate.work_spec_history h USING old
    WHERE h.history_id = old.history_id AND h.minutes = 1 AND h.start = old.start RETURNING h.*),
  added AS (INSERT INTO coordinate.work_spec_history AS h (history_id, minutes, start, last_claim, ${COLUMNS})
    SELECT g.* FROM (SELECT h.history_id, 60, h.start / ${HOUR}::int8 * ${HOUR}::int8 AS start, max(h.last_claim), ${SUMS}
      FROM gone h GROUP BY 1, 3 ORDER BY 1, 3) g
    ${ADDED_UP})
  SELECT count(*) FROM gone`),
);

/** Removes old hours. As MAKE_HOURS. */
export const REMOVE_HOURS = lasting(
  sql(`
  WITH old AS MATERIALIZED (${oldest(60)}),
  gone AS (DELETE FROM coordinate.work_spec_history h USING old
    WHERE h.history_id = old.history_id AND h.minutes = 60 AND h.start = old.start RETURNING 1)
  SELECT count(*) FROM gone`),
);
