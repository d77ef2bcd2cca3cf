import { AVAILABLE, DELAYED, PENDING } from '../units/codes.js';
import { sql } from '../wire/statement.js';

/**
 * Takes back attempts that are pending and whose lease runs: of each nothing is left, and the attempt before it is the unit's
 * latest again, as `undoAttempt` of attempt-rules.ts says.
 * @param $1 name of the namespace, $2 of the work spec, $3 names of units (sorted), $4 numbers of their attempts, $5 which
 * counters
 */
export const UNDO_ATTEMPTS = sql(`
  WITH t AS MATERIALIZED (SELECT coordinate.now_micros() AS now),
  taken AS MATERIALIZED (
    SELECT u.place, u.work_spec_id, u.name, u.attempt_number, u.attempt_worker, s.namespace_id
    FROM t CROSS JOIN coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id AND s.name = $2::bytea
    CROSS JOIN unnest($3::bytea[], $4::int8[]) AS v (name, number)
    CROSS JOIN LATERAL (SELECT w.ctid AS place, w.* FROM coordinate.work_unit w
      WHERE w.work_spec_id = s.id AND w.name = v.name AND w.status = ${PENDING} AND w.moment > t.now
        AND w.attempt_number = v.number FOR UPDATE) u
    WHERE n.name = $1::bytea),
  past AS (
    DELETE FROM coordinate.attempt a USING taken k
    WHERE a.work_spec_id = k.work_spec_id AND a.work_unit = k.name
      AND a.number = (SELECT max(b.number) FROM coordinate.attempt b
        WHERE b.work_spec_id = k.work_spec_id AND b.work_unit = k.name)
    RETURNING a.work_unit, a.number, a.worker, a.start, a."end", a.expiration, a.status, a.data),
  undone AS (
    UPDATE coordinate.work_unit u SET late = false, moment = greatest(t.now, u.not_before),
      status = CASE WHEN u.not_before <= t.now THEN ${AVAILABLE} ELSE ${DELAYED} END,
      tries = greatest(u.tries - 1, 0), attempts = u.attempts - 1,
      attempt_number = p.number, attempt_worker = p.worker, attempt_start = p.start, attempt_end = p."end",
      attempt_expiration = p.expiration, attempt_status = p.status, attempt_data = p.data, attempt_start_data = NULL
    FROM t CROSS JOIN taken k LEFT JOIN past p ON p.work_unit = k.name
    WHERE u.ctid = k.place
    RETURNING k.work_spec_id, k.attempt_number, k.attempt_worker, k.namespace_id, u.status),
  forgotten AS (
    UPDATE coordinate.worker w SET claim_spec_id = NULL, claim_first = NULL, claim_last = NULL
    FROM (SELECT d.namespace_id, d.attempt_worker, d.work_spec_id, max(d.attempt_number) AS last
      FROM undone d GROUP BY d.namespace_id, d.attempt_worker, d.work_spec_id) d
    WHERE w.namespace_id = d.namespace_id AND w.name = d.attempt_worker AND w.claim_spec_id = d.work_spec_id
      AND d.last BETWEEN w.claim_first AND w.claim_last)
  INSERT INTO coordinate.work_spec_count AS c
    (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
  SELECT d.work_spec_id, $5::int8, count(*) FILTER (WHERE d.status = ${AVAILABLE}),
    count(*) FILTER (WHERE d.status = ${DELAYED}), -count(*), 0, 0, count(*) FILTER (WHERE d.status = ${AVAILABLE})
  FROM undone d GROUP BY d.work_spec_id
  ON CONFLICT (work_spec_id, shard) DO UPDATE SET available = c.available + excluded.available,
    delayed = c.delayed + excluded.delayed,
    pending = c.pending + excluded.pending, arrivals = c.arrivals + excluded.arrivals`);
