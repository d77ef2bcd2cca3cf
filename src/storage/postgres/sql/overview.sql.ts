import { COUNTED } from '../../../domain/history.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import { FAILED, PENDING } from '../units/codes.js';
import { SLOT_NAMES, SLOT_WIDTH } from '../units/slot-columns.js';
import { positions } from '../wire/positions.js';
import { question } from '../wire/statement.js';
import { causeOf } from './causes.sql.js';
import { anyMoment, isDue, oldestAvailable } from './conditions.js';

/** The specs of a namespace, in the order of their names, by the index of these. @param $1 its name */
const SPECS_IN = `coordinate.work_spec w
    WHERE w.namespace_id = (SELECT n.id FROM coordinate.namespace n WHERE n.name = $1::bytea)
    ORDER BY w.namespace_id, w.name`;

/** Lists of what some of the specs have: one list of ids, and one of each of its columns. */
const listsOf = (columns: readonly string[], has: string) =>
  ['id', ...columns].map((column) => `array_agg(s.${column}) FILTER (WHERE ${has})`).join(', ');

const COUNTED_BY_STATUS = `SELECT ${WORK_UNIT_STATUSES.map((status) => `sum(k.${status})::int8 AS ${status}`).join(', ')}
    FROM coordinate.work_spec_count k WHERE k.work_spec_id = w.id`;

/**
 * How the specs of a namespace stand: one row, however many they are, of lists of numbers, of which most specs are in two. A spec that never
 * had a unit has no counters. Whether something is due, and the oldest available unit, are looked for only where there may be one by the
 * counters, which change with the units.
 * @param $1 name of the namespace
 * @returns now; in the order of their names ids and versions; of those that have counters ids, the counts in the order of the statuses,
 * since when the unit has been available that has been so longest (null: none is); ids of those with a lease or delay that has run out and has
 * not yet taken effect; of those with a schedule ids, and how far they are in it; of those with a rate limit ids, and when its bucket is full.
 * A list of none is null.
 */
export const STANDING_SPECS = question(`
  SELECT coalesce(max(s.now), coordinate.now_micros()), array_agg(s.id), array_agg(s.version),
    ${listsOf([...WORK_UNIT_STATUSES, 'since'], 's.available IS NOT NULL')},
    array_agg(s.id) FILTER (WHERE s.is_due),
    ${listsOf(SLOT_NAMES, 's.next_slot IS NOT NULL')},
    ${listsOf(['full_at'], 's.full_at IS NOT NULL')}
  FROM (
    SELECT t.now, w.*, c.*,
      CASE WHEN c.available > 0 THEN ${oldestAvailable('w.id')} END AS since,
      CASE WHEN c.delayed + c.pending > 0 THEN ${isDue('w.id', 't.now')} END AS is_due
    FROM (SELECT coordinate.now_micros() AS now) t
    CROSS JOIN LATERAL (SELECT w.id, w.version, ${SLOT_NAMES.map((slot) => `w.${slot}`).join(', ')}, w.full_at FROM ${SPECS_IN}) w
    LEFT JOIN LATERAL (${COUNTED_BY_STATUS}) c ON true) s`);

/** What STANDING_SPECS returns. */
export const STANDING = positions(
  ...(['now', 'ids', 'versions', 'counted'] as const),
  ['counts', WORK_UNIT_STATUSES.length],
  ...(['since', 'due', 'scheduled'] as const),
  ['slots', SLOT_WIDTH],
  ...(['limited', 'fullAt'] as const),
);

const HISTORY_IN = `FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
    JOIN coordinate.work_spec_history h ON h.history_id = s.history_id AND h.minutes = 1`;

/**
 * What happened to the work of the specs of a namespace in some spans of time: one row, however many they are, of lists, of those spans of
 * a spec in which something did.
 * @param $1 name of the namespace, $2 starts of the spans, ascending, $3 the end of the last one
 * @returns history ids, numbers of spans from 1, when a claim last gave out a unit (null: none did), the counts in the order of COUNTED
 */
export const WORK_IN_SPANS = question(`
  SELECT array_agg(p.history_id), array_agg(p.span), array_agg(p.last_claim), ${COUNTED.map((counted) => `array_agg(p.${counted})`).join(', ')}
  FROM (
    SELECT s.history_id, width_bucket(h.start, $2::int8[]) AS span, max(h.last_claim) AS last_claim,
      ${COUNTED.map((counted) => `sum(h.${counted})::int8 AS ${counted}`).join(', ')}
    ${HISTORY_IN} AND h.start >= ($2::int8[])[1] AND h.start < $3::int8 WHERE n.name = $1::bytea GROUP BY 1, 2) p`);

/** What WORK_IN_SPANS returns. */
export const SPANS = positions('historyIds', 'spans', 'lastClaims', ['counts', COUNTED.length]);

/** The latest claim that the rows of a length tell of. */
const lastClaim = (minutes: number) => `(SELECT h.last_claim FROM coordinate.work_spec_history h
      WHERE h.history_id = s.history_id AND h.minutes = ${minutes} AND h.last_claim IS NOT NULL
      ORDER BY h.history_id, h.minutes, h.start DESC LIMIT 1)`;

/**
 * When claims last gave out units of the specs of a namespace, as far as a history is kept.
 * @param $1 its name @returns history ids and moments, as lists
 */
export const LAST_CLAIMS = question(`
  SELECT array_agg(p.history_id), array_agg(p.last_claim) FROM (
    SELECT s.history_id, coalesce(${lastClaim(1)}, ${lastClaim(60)}) AS last_claim
    FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id WHERE n.name = $1::bytea) p
  WHERE p.last_claim IS NOT NULL`);

/** So many of the units of a spec that are pending are looked at, those whose leases end last. */
const MOST_PENDING = 10_000;

/** How many workers have pending units. @param $1 ids of work specs @returns ids, how many, as lists */
export const WORKERS_AT_WORK = question(`
  SELECT array_agg(v.id), array_agg((SELECT count(DISTINCT p.attempt_worker) FROM (
    SELECT u.attempt_worker FROM coordinate.work_unit u
    WHERE u.work_spec_id = v.id AND u.status = ${PENDING} AND ${anyMoment('u')}
    ORDER BY u.work_spec_id, u.status, u.moment DESC LIMIT ${MOST_PENDING}) p))
  FROM unnest($1::int8[]) AS v (id)`);

/**
 * Units that have failed lately, oldest first.
 * @param $1 name of the namespace, $2 names of the specs, $3 since when, $4 how many of each spec at most, the latest
 * @returns names of the spec, the unit and the worker, when it was, the cause, its text (null: nobody has noted it)
 */
export const FAILURES = question(`
  SELECT s.name, f.name, f.attempt_worker, f.moment, f.cause,
    (SELECT c.text FROM coordinate.work_spec_cause c
     WHERE c.work_spec_id = s.id AND c.cause = f.cause AND c.text <> '' LIMIT 1)
  FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id AND s.name = ANY($2::bytea[])
  CROSS JOIN LATERAL (SELECT u.name, u.attempt_worker, u.moment, ${causeOf('u')} AS cause FROM coordinate.work_unit u
    WHERE u.work_spec_id = s.id AND u.status = ${FAILED} AND u.moment > $3::int8 AND ${anyMoment('u')}
    ORDER BY u.work_spec_id DESC, u.status DESC, u.moment DESC LIMIT $4::int8) f
  WHERE n.name = $1::bytea ORDER BY f.moment`);

/** What FAILURES returns. */
export const FAILURE = positions('workSpec', 'workUnit', 'worker', 'at', 'cause', 'text');
