import { question, sql } from '../wire/statement.js';
import { undoneOf } from './conditions.js';

/**
 * Locks a work spec that may have a rate limit. @param $1 id of the namespace, $2 name
 * @returns its flow (null: none), when its bucket is full (null: nothing was ever taken of it), now; no row where it is not there
 */
export const LOCK_BUCKET = sql(`
  SELECT s.flow, s.full_at, coordinate.now_micros() FROM coordinate.work_spec s
  WHERE s.namespace_id = $1::int8 AND s.name = $2::bytea FOR NO KEY UPDATE`);

/**
 * Sets what follows from the flow of a work spec that this transaction has set.
 * @param $1 id of the namespace, $2 name, $3 when its bucket is full (null: as it was), $4 from when on there is a token,
 * $5 names of those that it waits for (null: of none)
 */
export const SET_LIMITS = sql(`
  UPDATE coordinate.work_spec s SET full_at = coalesce($3::int8, s.full_at), limited_until = coalesce($4::int8, s.limited_until),
    waits_for = $5::bytea[]
  WHERE s.namespace_id = $1::int8 AND s.name = $2::bytea`);

/**
 * Writes how far the bucket of a work spec has come, which this transaction has locked. Its version stays: nobody keeps this.
 * @param $1 its id, $2 when the bucket is full, $3 from when on there is a token
 */
export const SET_BUCKET = sql(`
  UPDATE coordinate.work_spec SET full_at = $2::int8, limited_until = $3::int8 WHERE id = $1::int8`);

/** The same, unless it has come further since it stood at $4. */
export const CORRECT_BUCKET = sql(`
  UPDATE coordinate.work_spec SET full_at = $2::int8, limited_until = $3::int8 WHERE id = $1::int8 AND full_at = $4::int8`);

/** What the work specs of a namespace wait for. @param $1 its id @returns name, flow of each that waits for some */
export const WAITING_SPECS = question(`
  SELECT s.name, s.flow FROM coordinate.work_spec s WHERE s.namespace_id = $1::int8 AND s.waits_for IS NOT NULL`);

/**
 * Notes of the work specs of a namespace that others wait for them, so that daemons see when they come to rest. The transaction
 * has closed the namespace, or is the only one that makes specs there. @param $1 its id
 */
export const NOTE_AWAITED = sql(`
  UPDATE coordinate.work_spec a SET awaited = true, version = a.version + 1
  WHERE a.id = ANY(ARRAY(SELECT w.id FROM coordinate.work_spec w
    WHERE w.namespace_id = $1::int8 AND NOT w.awaited AND w.name = ANY(ARRAY(
      SELECT unnest(b.waits_for) FROM coordinate.work_spec b WHERE b.namespace_id = $1::int8 AND b.waits_for IS NOT NULL))
    ORDER BY w.id FOR NO KEY UPDATE))`);

/** Those of some work specs which wait for one that is not at rest. @param $1 their ids @returns ids */
export const BLOCKED_SPECS = question(`
  SELECT s.id FROM coordinate.work_spec s WHERE s.id = ANY($1::int8[]) AND EXISTS (
    SELECT FROM unnest(s.waits_for) AS b (name)
    JOIN coordinate.work_spec w ON w.namespace_id = s.namespace_id AND w.name = b.name
    WHERE ${undoneOf('w.id')} > 0)`);

/** The namespaces of those of some work specs that are at rest. @param $1 ids of specs @returns ids of namespaces */
export const AT_REST = question(`
  SELECT DISTINCT s.namespace_id FROM coordinate.work_spec s WHERE s.id = ANY($1::int8[]) AND ${undoneOf('s.id')} = 0`);
