import { COUNTED } from '../../../domain/history.js';
import { FAILED, PENDING } from '../units/codes.js';
import { SLOT_COLUMNS, SLOT_WIDTH } from '../units/slot-columns.js';
import { positions } from '../wire/positions.js';
import { question } from '../wire/statement.js';
import { causeOf } from './causes.sql.js';
import { anyMoment } from './conditions.js';

/** The latest claim that the rows of a length tell of. */
const lastClaim = (minutes: number) => `(SELECT h.last_claim FROM coordinate.work_spec_history h
      WHERE h.history_id = s.history_id AND h.minutes = ${minutes} AND h.last_claim IS NOT NULL
      ORDER BY h.history_id, h.minutes, h.start DESC LIMIT 1)`;

/**
 * Which work specs a namespace has.
 * @param $1 name of the namespace
 * @returns id and version, when a claim last gave out a unit (null: not in the time that a history is kept for), how far it is in
 * its schedule, when the bucket of its rate limit is full (null: it has none)
 */
export const OVERVIEW_SPECS = question(`
  SELECT s.id, s.version, coalesce(${lastClaim(1)}, ${lastClaim(60)}), ${SLOT_COLUMNS}, s.full_at
  FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id WHERE n.name = $1::bytea`);

/** What OVERVIEW_SPECS returns. */
export const OVERVIEW_SPEC = positions('id', 'version', 'lastClaim', ['slots', SLOT_WIDTH], 'fullAt');

const HISTORY_IN = `FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
  JOIN coordinate.work_spec_history h ON h.history_id = s.history_id AND h.minutes = 1`;

/**
 * What happened to the work of each spec of a namespace in some minutes.
 * @param $1 name of the namespace, $2 starts of the minutes
 * @returns the history id of the spec, the start of a minute in which something happened, the counts in the order of COUNTED
 */
export const MINUTES_OF_WORK = question(`
  SELECT s.history_id, h.start, ${COUNTED.map((counted) => `h.${counted}`).join(', ')}
  ${HISTORY_IN} AND h.start = ANY($2::int8[]) WHERE n.name = $1::bytea`);

/**
 * The same of a span, added up.
 * @param $1 name of the namespace, $2 the start of the first minute and $3 of the last one
 * @returns the history id of the spec, the sums in the order of COUNTED
 */
export const SPAN_OF_WORK = question(`
  SELECT s.history_id, ${COUNTED.map((counted) => `sum(h.${counted})::int8`).join(', ')}
  ${HISTORY_IN} AND h.start >= $2::int8 AND h.start <= $3::int8 WHERE n.name = $1::bytea GROUP BY s.history_id`);

/** So many of the units of a spec that are pending are looked at, those whose leases end last. */
const MOST_PENDING = 10_000;

/** How many workers have pending units. @param $1 ids of work specs @returns id, how many */
export const WORKERS_AT_WORK = question(`
  SELECT v.id, (SELECT count(DISTINCT p.attempt_worker) FROM (
    SELECT u.attempt_worker FROM coordinate.work_unit u
    WHERE u.work_spec_id = v.id AND u.status = ${PENDING} AND ${anyMoment('u')}
    ORDER BY u.work_spec_id, u.status, u.moment DESC LIMIT ${MOST_PENDING}) p)
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
