import { HOUR } from '../../../domain/history.js';
import { DONE_SPAN } from '../../../live/history/recorder/recent-done.js';
import { lasting, question, sql } from '../wire/statement.js';

/**
 * Adds what workers have finished to what the database has, at work specs that are still there. All write in one order, so that no two daemons wait for each other.
 * @param $1 history ids of the specs, $2 names of workers, $3 starts of spans, $4 how many units
 */
export const ADD_DONE = sql(`
  INSERT INTO coordinate.worker_done AS d (namespace_id, worker, span, finished)
  SELECT s.namespace_id, v.worker, v.span, sum(v.finished)::int8
  FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int8[]) AS v (history_id, worker, span, finished)
  JOIN coordinate.work_spec s ON s.history_id = v.history_id
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (namespace_id, worker, span) DO UPDATE SET finished = d.finished + excluded.finished`);

const doneWith = (lock: string) => `
  SELECT v.ord FROM unnest($1::int8[], $2::bytea[], $3::int8[]) WITH ORDINALITY AS v (history_id, worker, span, ord)
  JOIN coordinate.work_spec s ON s.history_id = v.history_id
  CROSS JOIN LATERAL (SELECT FROM coordinate.worker_done d
    WHERE d.namespace_id = s.namespace_id AND d.worker = v.worker AND d.span = v.span ${lock}) x`;

/** Those of some that are there, and those of them that nobody holds. @param $1 to $3 as of ADD_DONE @returns ordinals */
export const EXISTING_DONE = question(doneWith('LIMIT 1'));
export const FREE_DONE = sql(doneWith('FOR NO KEY UPDATE SKIP LOCKED'));

/**
 * What workers have finished in the last hour, as `RecentDone` reckons it: of the span that lies in part before it as much counts as
 * lies within.
 * @param $1 name of the namespace, $2 names of workers @returns name, how many units
 */
export const DONE_BY_WORKERS = question(`
  SELECT d.worker, round(sum(CASE WHEN d.span < t.now - ${HOUR}::int8
      THEN d.finished * (${DONE_SPAN} - t.now % ${DONE_SPAN}::int8)::float8 / ${DONE_SPAN} ELSE d.finished END))::int8
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n
  JOIN coordinate.worker_done d ON d.namespace_id = n.id AND d.span > t.now - ${HOUR + DONE_SPAN}::int8
  WHERE n.name = $1::bytea AND d.worker = ANY($2::bytea[]) GROUP BY d.worker`);

/** Whether what a worker has done lies far back. @param age - how far, as a parameter */
export const isOldDone = (d: string, age: string) => `${d}.span < (SELECT coordinate.now_micros() - ${age}::int8)`;

/** Removes what lies so far back. @param $1 how far, $2 how many rows @returns a row for each */
export const REMOVE_DONE = lasting(
  sql(`
  WITH old AS MATERIALIZED (SELECT d.namespace_id, d.worker, d.span FROM coordinate.worker_done d
    WHERE ${isOldDone('d', '$1')} ORDER BY d.span LIMIT $2::int8 FOR UPDATE SKIP LOCKED)
  DELETE FROM coordinate.worker_done d USING old
  WHERE d.namespace_id = old.namespace_id AND d.worker = old.worker AND d.span = old.span RETURNING 1`),
);
