import { positions } from '../wire/positions.js';
import { lasting, question, sql } from '../wire/statement.js';
import { anyMoment } from './conditions.js';
import { FIRST_CLAIMABLE } from './specs.sql.js';

// What has changed in a namespace of very many specs since a connection looked last. Triggers note for each transaction which
// specs it has changed, or units of them, so that of all specs only those are read that a later snapshot sees otherwise.

/** Whether the triggers do anything. */
const IS_NOTED = `pg_sequence_last_value('coordinate.changes_noted') IS NOT NULL`;

/**
 * Has changes noted in some namespaces from now on; one that somebody else holds is left as it is. Transactions that are under
 * way may still note nothing. @param $1 their ids
 */
export const NOTE_CHANGES = sql(`
  UPDATE coordinate.namespace n SET changes_from = CASE WHEN nextval('coordinate.changes_noted') > 0
    THEN pg_snapshot_xmax(pg_current_snapshot())::text::int8 END
  WHERE n.id = ANY(ARRAY(SELECT h.id FROM coordinate.namespace h
    WHERE h.id = ANY($1::int8[]) AND (h.changes_from IS NULL OR NOT ${IS_NOTED})
    FOR NO KEY UPDATE SKIP LOCKED))`);

const DUE_AT = [1, 2]
  .map(
    (status) => `
      (SELECT d.moment FROM coordinate.work_unit d WHERE d.work_spec_id = s.id AND d.status = ${status} AND ${anyMoment('d')}
       ORDER BY d.work_spec_id, d.status, d.moment LIMIT 1)`,
  )
  .join(',');

const state = (specs: string) =>
  question(`
  WITH t AS MATERIALIZED (
    SELECT CASE WHEN $2::int8 = 0 THEN coordinate.now_micros() ELSE $2::int8 END AS now, n.id,
      CASE WHEN ${IS_NOTED} THEN n.changes_from END AS changes_from,
      pg_current_snapshot() AS seen, (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8 AS started,
      pg_current_xact_id_if_assigned() IS NULL AS is_pure
    FROM coordinate.namespace n WHERE n.id = $1::int8)
  SELECT t.now, t.seen, t.started, t.changes_from, t.is_pure, a.id, s.version, c.available, c.pending, c.arrivals,
    least(${DUE_AT}), f.rank, f.name, c.delayed, s.full_at
  FROM t
  LEFT JOIN LATERAL (${specs}) a ON true
  LEFT JOIN coordinate.work_spec s ON s.id = a.id AND s.namespace_id = t.id
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(k.available), 0)::int8 AS available, coalesce(sum(k.pending), 0)::int8 AS pending,
      coalesce(sum(k.delayed), 0)::int8 AS delayed, coalesce(sum(k.arrivals), 0)::int8 AS arrivals
    FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.id) c ON true
  ${FIRST_CLAIMABLE}`);

/**
 * What the draw looks at, of all specs of a namespace, in one snapshot.
 * @param $1 id of the namespace, $2 now (0: read the clock), $3 to $6 hints as of CLAIM_STATE
 * @returns no row where there is no such namespace, else one at least: now, the snapshot, when the server was started, the
 * first transaction whose changes are all noted (null: none are), whether this transaction has no number of its own yet; id of
 * the spec (null: there is none), its version (null: it is gone), available, pending, arrivals, when the first lease or delay
 * runs out (null: there is none), rank and name of the first claimable unit (null: none), delayed, when the bucket is full (null: none)
 */
export const WHOLE_STATE = state(`SELECT w.id FROM coordinate.work_spec w WHERE w.namespace_id = t.id`);

/**
 * The same of those that have changed since a snapshot, and of some more. Of none, where the snapshot is too old.
 * @param $7 the snapshot, $8 when the server was started that it is of, $9 ids of those to read in any case
 */
export const CHANGED_STATE = state(`
    SELECT c.work_spec_id AS id FROM coordinate.work_spec_change c
    WHERE c.namespace_id = t.id AND c.at >= pg_snapshot_xmin($7::pg_snapshot)::text::int8
      AND NOT pg_visible_in_snapshot(c.at::text::xid8, $7::pg_snapshot)
      AND t.changes_from <= pg_snapshot_xmin($7::pg_snapshot)::text::int8 AND t.started = $8::int8
    UNION
    SELECT v.id FROM unnest($9::int8[]) AS v (id)
    WHERE t.changes_from <= pg_snapshot_xmin($7::pg_snapshot)::text::int8 AND t.started = $8::int8`);

/** What they return. */
export const STATE_ROW = positions(
  ...(['now', 'snapshot', 'started', 'changesFrom', 'isPure', 'specId', 'version', 'available', 'pending'] as const),
  ...(['arrivals', 'dueAt', 'rank', 'name', 'delayed', 'fullAt'] as const),
);

/** @returns the first transaction that no snapshot from now on can miss anything before */
export const CHANGES_HORIZON = question(`SELECT pg_snapshot_xmin(pg_current_snapshot())`);

/** Lets nobody rely on changes that transactions before one have noted. @param $1 that one */
export const OUTDATE_CHANGES = lasting(
  sql(`
  UPDATE coordinate.namespace n SET changes_from = $1::int8
  WHERE n.id = ANY(ARRAY(SELECT h.id FROM coordinate.namespace h
    WHERE h.changes_from IS NOT NULL AND h.changes_from < $1::int8 AND EXISTS (
      SELECT FROM coordinate.work_spec_change c WHERE c.namespace_id = h.id AND c.at < $1::int8)
    FOR NO KEY UPDATE SKIP LOCKED))`),
);

/** Forgets some of those that nobody relies on. @param $1 how many at most @returns a row for each */
export const FORGET_CHANGES = lasting(
  sql(`
  DELETE FROM coordinate.work_spec_change d WHERE d.ctid = ANY(ARRAY(
    SELECT o.place FROM coordinate.namespace n CROSS JOIN LATERAL (
      SELECT c.ctid AS place FROM coordinate.work_spec_change c
      WHERE c.namespace_id = n.id AND c.at < n.changes_from LIMIT $1::int8
      FOR UPDATE SKIP LOCKED) o
    WHERE n.changes_from IS NOT NULL LIMIT $1::int8)) RETURNING 1`),
);
