import { lasting, question, sql } from '../wire/statement.js';

/** The last of the keys of a path, of 32 bytes each, which is its own. */
const OWN = 'substring(v.keys FROM length(v.keys) - 31)';

/** Says of paths that they, or a prefix of theirs, are locked: each is looked up by its keys. */
const LOCKED_ABOVE = `
  SELECT v.ord FROM unnest($3::bytea[]) WITH ORDINALITY AS v (keys, ord)
  CROSS JOIN LATERAL generate_series(0, length(v.keys) / 32 - 1) AS i
  CROSS JOIN LATERAL (SELECT 1 FROM coordinate.lock l
    WHERE l.namespace_id = $1::int8 AND l.path = substring(v.keys FROM i * 32 + 1 FOR 32) AND l.until > $2::int8 LIMIT 1) h`;

/** Whether a lock `l` of a namespace is at a path or below it: by the index of prefixes, since no other can be used. */
const isAtOrBelow = (path: string, namespaceId: string) =>
  `l.prefixes @> ARRAY[${path}] AND l.namespace_id + 0 = ${namespaceId}`;

/** Lets a transaction use that index, which is one of bitmaps: everything else is better off without them. */
export const ALLOW_PREFIXES = sql(`SELECT pg_catalog.set_config('enable_bitmapscan', 'on', true)`);

/**
 * Which of some paths can't be locked, since they, a prefix of theirs or something below them is locked, in a transaction that allows
 * to look from below: each is looked up, which takes the same time however many locks others hold.
 * @param $1 id of the namespace, $2 now, $3 of each path the keys of its prefixes and its own behind one another
 * @returns ordinals of those, maybe more than once
 */
export const FIND_CONFLICTS = question(`${LOCKED_ABOVE}
  UNION ALL
  SELECT v.ord FROM unnest($3::bytea[]) WITH ORDINALITY AS v (keys, ord)
  CROSS JOIN LATERAL (SELECT 1 FROM coordinate.lock l
    WHERE ${isAtOrBelow(OWN, '$1::int8')} AND l.until > $2::int8 LIMIT 1) b`);

/**
 * Fails at once where another session holds the row of a lock: who waited for it would keep all others from the locks of the namespace.
 * @param $1 id of the namespace, $2 paths
 */
export const NEED_LOCKS = sql(`
  SELECT FROM unnest($2::bytea[]) AS v (path) CROSS JOIN LATERAL (SELECT FROM coordinate.lock l
    WHERE l.namespace_id = $1::int8 AND l.path = v.path FOR UPDATE NOWAIT) x`);

/** Locks paths, each of them once. @param $1 id of the namespace, $2 keys as of FIND_CONFLICTS, $3 locker, $4 until when */
export const TAKE_LOCKS = sql(`
  INSERT INTO coordinate.lock (namespace_id, path, prefixes, locker, until)
  SELECT $1::int8, ${OWN}, ARRAY(SELECT substring(v.keys FROM i * 32 + 1 FOR 32)
    FROM generate_series(0, length(v.keys) / 32 - 1) AS i), $3::bytea, $4::int8
  FROM unnest($2::bytea[]) AS v (keys)
  ON CONFLICT (namespace_id, path) DO UPDATE SET locker = excluded.locker, until = excluded.until`);

/** @param $1 name of the namespace, $2 paths @returns now, path, locker of those that are locked (a row at least) */
export const LOCK_HOLDERS = question(`
  SELECT t.now, h.path, h.locker FROM (SELECT coordinate.now_micros() AS now) t
  LEFT JOIN LATERAL (SELECT l.path, l.locker FROM coordinate.namespace n CROSS JOIN unnest($2::bytea[]) AS v (path)
    CROSS JOIN LATERAL (SELECT x.path, x.locker FROM coordinate.lock x
      WHERE x.namespace_id = n.id AND x.path = v.path AND x.until > t.now LIMIT 1) l
    WHERE n.name = $1::bytea) h ON true`);

/** @param $1 id of the namespace, $2 paths */
export const RELEASE_LOCKS = sql(`
  DELETE FROM coordinate.lock l WHERE l.ctid = ANY(ARRAY(
    SELECT x.place FROM unnest($2::bytea[]) AS v (path)
    CROSS JOIN LATERAL (SELECT y.ctid AS place FROM coordinate.lock y
      WHERE y.namespace_id = $1::int8 AND y.path = v.path LIMIT 1) x))`);

/** As NEED_LOCKS of what DROP_LOCKS drops. @param $1 name of the namespace, $2 the path */
export const NEED_LOCKS_BELOW = sql(`
  SELECT FROM coordinate.namespace n CROSS JOIN LATERAL (SELECT FROM coordinate.lock l
    WHERE ${isAtOrBelow('$2::bytea', 'n.id')} FOR UPDATE NOWAIT) x WHERE n.name = $1::bytea`);

/** Drops what is locked at or below a path, in a transaction that allows to look for it. @param $1 name of the namespace, $2 the path */
export const DROP_LOCKS = sql(`
  DELETE FROM coordinate.lock l USING coordinate.namespace n
  WHERE n.name = $1::bytea AND ${isAtOrBelow('$2::bytea', 'n.id')}`);

/**
 * Removes those of some locks that are past their timeout. One that is renewed meanwhile is left, and so is one that another session holds.
 * @param $1 id of the namespace and $2 the path after which they begin, $3 how many are looked at
 * @returns how many were looked at, how many were removed, namespace and path of the last one
 */
export const REMOVE_STALE_LOCKS = lasting(
  sql(`
  WITH looked AS MATERIALIZED (
    SELECT s.ctid AS place, s.namespace_id, s.path, s.until FROM coordinate.lock s
    WHERE (s.namespace_id, s.path) > ($1::int8, $2::bytea) ORDER BY s.namespace_id, s.path LIMIT $3::int8),
  t AS MATERIALIZED (SELECT coordinate.now_micros() AS now),
  free AS MATERIALIZED (
    SELECT f.ctid AS place FROM coordinate.lock f
    WHERE f.ctid = ANY(ARRAY(SELECT k.place FROM t CROSS JOIN looked k WHERE k.until <= t.now))
      AND f.until <= (SELECT t.now FROM t) FOR UPDATE SKIP LOCKED),
  gone AS (DELETE FROM coordinate.lock l WHERE l.ctid = ANY(ARRAY(SELECT f.place FROM free f)) RETURNING 1)
  SELECT (SELECT count(*) FROM looked), (SELECT count(*) FROM gone), k.namespace_id, k.path
  FROM (VALUES (true)) v LEFT JOIN LATERAL (
    SELECT k.namespace_id, k.path FROM looked k ORDER BY k.namespace_id DESC, k.path DESC LIMIT 1) k ON true`),
);
