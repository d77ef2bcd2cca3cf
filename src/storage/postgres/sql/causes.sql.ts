import { FAILURE_EXAMPLES } from '../../../domain/work-unit.js';
import { FAILED } from '../units/codes.js';
import { isDue } from './conditions.js';
import { positions } from '../wire/positions.js';
import { lasting, question, sql } from '../wire/statement.js';

/** The cause of a failed unit `u`, as the index of those has it: -1 where the attempt was ended by who knew of no causes. */
export const causeOf = (u: string) =>
  `(CASE WHEN ${u}.cause_attempt = ${u}.attempt_number THEN ${u}.cause ELSE -1 END)`;

/** Adds to what a counter of a cause has: where it had none, it begins anew. */
export const ADD_CAUSES = `
    ON CONFLICT (work_spec_id, cause, shard) DO UPDATE SET units = c.units + excluded.units,
      first = CASE WHEN c.units <= 0 AND excluded.units > 0 THEN excluded.first ELSE c.first END,
      last = greatest(c.last, excluded.last), text = CASE WHEN c.text = '' THEN excluded.text ELSE c.text END`;

/**
 * How many units of a spec are failed by which cause.
 * @param $1 name of the namespace, $2 of the spec
 * @returns a row at least, if the spec is there: its id, how many units are failed, cause (null: there is none that is known),
 * how many units, when the first and the last failed, text, whether leases have run out by which units may have failed, now
 */
export const COUNT_CAUSES = question(`
  SELECT s.id, (SELECT coalesce(sum(k.failed), 0)::int8 FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.id),
    g.cause, g.units, g.first, g.last, g.text, s.flow IS NOT NULL AND ${isDue('s.id', 't.now')}, t.now
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
  LEFT JOIN LATERAL (
    SELECT c.cause, sum(c.units)::int8 AS units, min(c.first) FILTER (WHERE c.units > 0) AS first, max(c.last) AS last,
      (array_agg(c.text ORDER BY octet_length(c.text) DESC))[1] AS text
    FROM coordinate.work_spec_cause c WHERE c.work_spec_id = s.id GROUP BY c.cause HAVING sum(c.units) > 0) g ON true
  WHERE n.name = $1::bytea AND s.name = $2::bytea`);

/** What it returns. */
export const CAUSE_COUNT = positions(
  ...(['specId', 'failed', 'cause', 'units', 'first', 'last', 'text', 'isDue', 'now'] as const),
);

/**
 * Some units that are failed by each of some causes.
 * @param $1 id of the spec, $2 causes @returns ordinal, name, when it failed
 */
export const CAUSE_EXAMPLES = question(`
  SELECT v.ord, e.name, e.moment FROM unnest($2::int8[]) WITH ORDINALITY AS v (cause, ord)
  CROSS JOIN LATERAL (SELECT u.name, u.moment FROM coordinate.work_unit u
    WHERE u.work_spec_id = $1::int8 AND u.status = ${FAILED} AND ${causeOf('u')} = v.cause
    ORDER BY u.work_spec_id, ${causeOf('u')}, u.name LIMIT ${FAILURE_EXAMPLES}) e`);

/** Causes of which units of a spec are failed, with their texts. @param $1 id of the spec @returns cause, text */
export const CAUSE_TEXTS = question(`
  SELECT c.cause, (array_agg(c.text ORDER BY octet_length(c.text) DESC))[1]
  FROM coordinate.work_spec_cause c WHERE c.work_spec_id = $1::int8 GROUP BY c.cause HAVING sum(c.units) > 0`);

/**
 * Work specs whose counters of causes say more units than are failed; or fewer, although the cause of each that is failed is known: a
 * daemon of the version before has given units another status.
 * @returns their ids
 */
export const MISCOUNTED = lasting(
  question(`
  SELECT s.work_spec_id FROM (SELECT c.work_spec_id, sum(c.units) AS units FROM coordinate.work_spec_cause c GROUP BY c.work_spec_id) s
  CROSS JOIN LATERAL (SELECT sum(k.failed) AS failed FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.work_spec_id) f
  WHERE s.units > f.failed OR (s.units < f.failed AND (SELECT u.status FROM coordinate.work_unit u
    WHERE u.work_spec_id = s.work_spec_id AND u.status = ${FAILED} AND ${causeOf('u')} = -1 LIMIT 1) IS NULL)`),
);

/**
 * Counts the failed units of a spec anew, and adds what is wrong: both are seen in one snapshot, so that what others add meanwhile
 * stays. @param $1 id of the spec, $2 which counters
 */
export const RECOUNT_CAUSES = lasting(
  sql(`
  WITH present AS MATERIALIZED (
    SELECT ${causeOf('u')} AS cause, count(*) AS units, min(u.moment) AS first, max(u.moment) AS last
    FROM coordinate.work_unit u WHERE u.work_spec_id = $1::int8 AND u.status = ${FAILED} GROUP BY 1),
  counted AS MATERIALIZED (
    SELECT c.cause, sum(c.units) AS units FROM coordinate.work_spec_cause c WHERE c.work_spec_id = $1::int8 GROUP BY c.cause)
  INSERT INTO coordinate.work_spec_cause AS c (work_spec_id, cause, shard, units, first, last, text)
  SELECT $1::int8, cause, $2::int8, coalesce(p.units, 0) - coalesce(k.units, 0), coalesce(p.first, 0), coalesce(p.last, 0), ''
  FROM present p FULL JOIN counted k USING (cause)
  WHERE cause <> -1 AND coalesce(p.units, 0) <> coalesce(k.units, 0) ORDER BY cause
  ${ADD_CAUSES}`),
);

/**
 * Forgets causes of which no unit is failed. What is locked is counted once more: rows that come to nothing together may go, whatever
 * others add meanwhile. @param $1 how many causes at most @returns a row for each counter that is gone
 */
export const FORGET_CAUSES = lasting(
  sql(`
  WITH unused AS MATERIALIZED (
    SELECT c.work_spec_id, c.cause FROM coordinate.work_spec_cause c
    GROUP BY c.work_spec_id, c.cause HAVING sum(c.units) = 0 LIMIT $1::int8),
  locked AS MATERIALIZED (
    SELECT c.ctid AS place, c.work_spec_id, c.cause, c.units FROM coordinate.work_spec_cause c
    WHERE (c.work_spec_id, c.cause) IN (SELECT o.work_spec_id, o.cause FROM unused o) FOR UPDATE SKIP LOCKED),
  empty AS MATERIALIZED (
    SELECT k.work_spec_id, k.cause FROM locked k GROUP BY k.work_spec_id, k.cause HAVING sum(k.units) = 0)
  DELETE FROM coordinate.work_spec_cause c USING locked k JOIN empty e ON e.work_spec_id = k.work_spec_id AND e.cause = k.cause
  WHERE c.ctid = k.place RETURNING 1`),
);
