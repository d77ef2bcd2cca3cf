import { DELAYED, PENDING } from '../units/codes.js';
import { question } from '../wire/statement.js';
import { CHANNEL } from '../telling/messages.js';
import { anyMoment } from './conditions.js';
import { FIRST_SLOT } from './schedules.sql.js';

const firstOf = (status: number) => `
      (SELECT d.moment FROM coordinate.work_unit d
       WHERE d.work_spec_id = s.id AND d.status = ${status} AND ${anyMoment('d')}
       ORDER BY d.work_spec_id, d.status, d.moment LIMIT 1)`;

/**
 * What may be had in namespaces without anybody saying so. It is asked about every second, and so is a sign of life, and takes a message along.
 * @param $1 their ids, $2 what to say to all daemons; null: nothing
 * @returns now, whether the database is read-only, and when there is something to do for a schedule (null: never); then of each namespace that has work specs which are handed out, or once
 * nulls: its id, whether there are available units, when the first lease or delay runs out, a continuous spec may start or a
 * rate limit lets something go (null: never)
 */
export const LOOK_AHEAD = question(`
  SELECT coordinate.now_micros(), current_setting('transaction_read_only') = 'on', said.slot, seen.id, seen.has_available, seen.due,
    said.it
  FROM (SELECT CASE WHEN $2::text IS NOT NULL THEN pg_catalog.pg_notify('${CHANNEL}', $2::text)::text END AS it,
    ${FIRST_SLOT} AS slot) said
  LEFT JOIN (
    SELECT n.id,
      bool_or((SELECT sum(k.available) FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.id) > 0) AS has_available,
      min(least(${firstOf(PENDING)}, ${firstOf(DELAYED)}, CASE WHEN s.continuous THEN s.next_continuous END,
        CASE WHEN s.limited_until > coordinate.now_micros() THEN s.limited_until END)) AS due
    FROM unnest($1::int8[]) AS n (id)
    CROSS JOIN LATERAL (SELECT w.id, w.continuous, w.next_continuous, w.limited_until FROM coordinate.work_spec w
      WHERE w.namespace_id = n.id AND NOT w.paused AND w.weight > 0) s
    GROUP BY n.id) seen ON true`);

/** The name of a namespace. @param $1 its id */
export const NAME_NAMESPACE = question(`SELECT n.name FROM coordinate.namespace n WHERE n.id = $1::int8`);
