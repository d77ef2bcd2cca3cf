import { DELAYED, PENDING } from '../units/codes.js';
import { question } from '../wire/statement.js';
import { anyMoment } from './conditions.js';

const firstOf = (status: number) => `
      (SELECT d.moment FROM coordinate.work_unit d
       WHERE d.work_spec_id = s.id AND d.status = ${status} AND ${anyMoment('d')}
       ORDER BY d.work_spec_id, d.status, d.moment LIMIT 1)`;

/**
 * What may be had in namespaces without anybody saying so.
 * @param $1 their ids
 * @returns a row for each that has work specs which are handed out: its id, whether there are available units, when the first
 * lease or delay runs out or a continuous spec may start (null: never), now
 */
export const LOOK_AHEAD = question(`
  SELECT n.id,
    bool_or((SELECT sum(k.available) FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.id) > 0),
    min(least(${firstOf(PENDING)}, ${firstOf(DELAYED)}, CASE WHEN s.continuous THEN s.next_continuous END)),
    coordinate.now_micros()
  FROM unnest($1::int8[]) AS n (id)
  CROSS JOIN LATERAL (SELECT w.id, w.continuous, w.next_continuous FROM coordinate.work_spec w
    WHERE w.namespace_id = n.id AND NOT w.paused AND w.weight > 0) s
  GROUP BY n.id`);

/** The name of a namespace. @param $1 its id */
export const NAME_NAMESPACE = question(`SELECT n.name FROM coordinate.namespace n WHERE n.id = $1::int8`);
