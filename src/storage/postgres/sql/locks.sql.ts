import { question, sql } from '../wire/statement.js';

/**
 * Which of some paths can't be locked, since they, a prefix of theirs or something below them is locked.
 * @param $1 id of the namespace, $2 now, $3 a path, $4 its prefixes, itself among them @returns a row if so
 */
export const FIND_CONFLICT = question(`
  (SELECT 1 FROM coordinate.lock l
    WHERE l.namespace_id = $1::int8 AND l.path = ANY($4::bytea[]) AND l.until > $2::int8 LIMIT 1)
  UNION ALL
  (SELECT 1 FROM coordinate.lock l
    WHERE l.namespace_id = $1::int8 AND l.prefixes @> ARRAY[$3::bytea] AND l.until > $2::int8 LIMIT 1)
  LIMIT 1`);

/** @param $1 id of the namespace, $2 path, $3 its prefixes, $4 locker, $5 until when */
export const TAKE_LOCK = sql(`
  INSERT INTO coordinate.lock (namespace_id, path, prefixes, locker, until)
  VALUES ($1::int8, $2::bytea, $3::bytea[], $4::bytea, $5::int8)
  ON CONFLICT (namespace_id, path) DO UPDATE SET locker = excluded.locker, until = excluded.until`);

/** @param $1 name of the namespace, $2 paths @returns now, path, locker of those that are locked (a row at least) */
export const LOCK_HOLDERS = question(`
  SELECT t.now, l.path, l.locker FROM (SELECT coordinate.now_micros() AS now) t
  LEFT JOIN (coordinate.namespace n JOIN coordinate.lock l ON l.namespace_id = n.id)
    ON n.name = $1::bytea AND l.path = ANY($2::bytea[]) AND l.until > t.now`);

/** @param $1 id of the namespace, $2 paths */
export const RELEASE_LOCKS = sql(`
  DELETE FROM coordinate.lock l WHERE l.namespace_id = $1::int8 AND l.path = ANY($2::bytea[])`);

/** Drops what is locked at or below a path. @param $1 name of the namespace, $2 the path */
export const DROP_LOCKS = sql(`
  DELETE FROM coordinate.lock l USING coordinate.namespace n
  WHERE n.id = l.namespace_id AND n.name = $1::bytea AND l.prefixes @> ARRAY[$2::bytea]`);

/**
 * Removes locks that are past their timeout. One that is renewed meanwhile is looked at once more as it is then.
 * @param $1 how many at most @returns a row for each
 */
export const REMOVE_STALE_LOCKS = sql(`
  WITH t AS MATERIALIZED (SELECT coordinate.now_micros() AS now)
  DELETE FROM coordinate.lock l USING t WHERE l.until <= t.now AND (l.namespace_id, l.path) IN (
    SELECT s.namespace_id, s.path FROM coordinate.lock s WHERE s.until <= t.now LIMIT $1::int8)
  RETURNING 1`);
