import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import { REFUSED_MARK } from '../../../domain/claim-rules.js';
import { isBroughtHome } from '../../../domain/worker-rules.js';
import { positions } from '../wire/positions.js';
import { question } from '../wire/statement.js';
import { causeOf } from './causes.sql.js';
import { FAILED, PENDING } from '../units/codes.js';
import { anyName, anyWorker, IS_ACTIVE, isDue, pendingOf } from './conditions.js';
import { ATTEMPT_DATA, IMAGE_COLUMNS, IMAGE_WIDTH } from '../units/unit-image.js';

/** The columns of a UnitImage, as an attempt of the history fills them; `a` is its row. */
const PAST_AS_IMAGE = `a.work_unit, NULL::int2, NULL::int8, NULL::float8, NULL::int8, NULL::int4, NULL::int4, false,
  a.number, a.worker, a.start, a."end", a.expiration, a.status, NULL::int8, NULL::int8, 0::int8, NULL::int8`;

/** The moment `t`, and a work spec `s` by its name and that of its namespace `n`. */
export const SPEC = `(SELECT coordinate.now_micros() AS now) t
  CROSS JOIN coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id`;

/** What a listing says of the data of each unit. */
type Wanted = 'data' | 'lengths' | 'nothing';

/** Of a unit and of its attempt. */
const DATA_COLUMNS: Readonly<Record<Wanted, string>> = {
  data: 'u.data, u.attempt_data',
  lengths: 'octet_length(u.data) AS data, octet_length(u.attempt_data) AS attempt_data',
  nothing: 'NULL::bytea AS data, NULL::bytea AS attempt_data',
};

/** A question in three forms: with data, with their lengths, with neither. */
function inThreeForms(text: (wanted: Wanted) => string) {
  return { withData: question(text('data')), measured: question(text('lengths')), bare: question(text('nothing')) };
}

/** Units `u` of a spec `s`, with some columns of each. */
type Select = (columns: string) => string;

const listed = (select: Select) => (wanted: Wanted) => `
  SELECT t.now, s.id, f.* FROM ${SPEC}
  LEFT JOIN LATERAL (${select(`${IMAGE_COLUMNS}, ${DATA_COLUMNS[wanted]}`)}) f ON true
  WHERE n.name = $1::bytea AND s.name = $2::bytea`;

const BY_NAMES: Select = (columns) => `SELECT ${columns} FROM unnest($3::bytea[]) AS v (name)
    CROSS JOIN LATERAL (SELECT * FROM coordinate.work_unit w
      WHERE w.work_spec_id = s.id AND w.name = v.name LIMIT 1) u`;
export const WINDOW: Select = (columns) => `SELECT ${columns} FROM coordinate.work_unit u
    WHERE u.work_spec_id = s.id AND u.name >= $3::bytea AND u.name < $5::bytea ORDER BY u.name LIMIT $4::int8`;
export const BY_CAUSE: Select = (columns) => `SELECT ${columns} FROM coordinate.work_unit u
    WHERE u.work_spec_id = s.id AND u.status = ${FAILED} AND ${causeOf('u')} = $6::int8
      AND u.name >= $3::bytea AND u.name < $5::bytea
    ORDER BY u.work_spec_id, ${causeOf('u')}, u.name LIMIT $4::int8`;
/**
 * Those whose leases run, of which all are looked at. In the order of their index first: for the one of names alone, a planner may walk
 * over all units of the spec.
 */
export const BY_WORKER: Select = (columns) => `SELECT ${columns} FROM ${pendingOf('s.id')}
    WHERE u.moment > t.now AND u.attempt_worker = $6::bytea AND u.attempt_status = 0 AND u.name >= $3::bytea AND u.name < $5::bytea
    ORDER BY u.name LIMIT $4::int8`;

/**
 * Units by name, in any order; one row of nulls when there are none.
 * @param $1 name of the namespace, $2 of the spec, $3 names
 * @returns now, id of the spec, the columns of a UnitImage, data of the unit and of its latest attempt
 */
export const UNITS_BY_NAME = inThreeForms(listed(BY_NAMES));

/** What these return; `isDue` is only of UNITS_BY_STATUS and UNITS_BY_CAUSE. */
export const LISTED = positions('now', 'specId', ['unit', IMAGE_WIDTH], 'data', 'attemptData', 'isDue');

/** Units in the order of their names. As UNITS_BY_NAME, with $3 the first name, $4 how many, $5 a name that is greater than all. */
export const UNIT_WINDOW = inThreeForms(listed(WINDOW));

/** Whether leases have run out that have yet to take effect, by which units may have failed: only where a spec says so. */
const MAY_HAVE_FAILED = `s.flow IS NOT NULL AND ${isDue('s.id', 't.now')}`;

/** The same of those that are failed by a cause. @param $6 its number @returns as UNITS_BY_STATUS */
export const UNITS_BY_CAUSE = inThreeForms((wanted) =>
  listed(BY_CAUSE)(wanted).replace('f.*', `f.*, ${MAY_HAVE_FAILED}`),
);

/** The same of those that a worker holds: all that are pending are looked at. @param $6 its name */
export const UNITS_BY_WORKER = inThreeForms(listed(BY_WORKER));

/** What the index of statuses and names holds, and that of workers. */
const NOT_PENDING = `u.status <> ${PENDING}`;

/**
 * Those that are pending are found by their moments, and all of them looked at: they stand in no index in the order of their names, which
 * every claim would have to change.
 */
export const BY_STATUS: Select = (columns) => `SELECT g.* FROM unnest($3::int8[]) AS v (status)
    CROSS JOIN LATERAL (
      (SELECT ${columns} FROM coordinate.work_unit u
        WHERE u.work_spec_id = s.id AND u.status = v.status AND ${NOT_PENDING} AND u.name >= $4::bytea AND u.name < $6::bytea
          AND ${anyName('u')}
        ORDER BY u.work_spec_id, u.status, u.name LIMIT $5::int8)
      UNION ALL
      (SELECT ${columns} FROM ${pendingOf('s.id')}
        WHERE v.status = ${PENDING} AND u.name >= $4::bytea AND u.name < $6::bytea ORDER BY u.name LIMIT $5::int8)) g
    ORDER BY g.name LIMIT $5::int8`;

/**
 * Units of some statuses in the order of their names.
 * @param $1 name of the namespace, $2 of the spec, $3 statuses, $4 the first name, $5 how many, $6 a name that is greater than all
 * @returns as UNITS_BY_NAME, and whether a lease or delay has run out that has not yet taken effect in the statuses
 */
export const UNITS_BY_STATUS = inThreeForms((wanted) =>
  listed(BY_STATUS)(wanted).replace('f.*', `f.*, ${isDue('s.id', 't.now')}`),
);

/**
 * All attempts at a unit; one row of nulls when there is no such unit.
 * @param $1 name of the namespace, $2 of the spec, $3 of the unit
 * @returns now, id of the spec, the columns of a UnitImage (status null: an attempt of the history), its data
 */
export const UNIT_ATTEMPTS = question(`
  SELECT t.now, s.id, f.* FROM ${SPEC}
  LEFT JOIN LATERAL (
    SELECT ${IMAGE_COLUMNS}, ${ATTEMPT_DATA} FROM coordinate.work_unit u
      WHERE u.work_spec_id = s.id AND u.name = $3::bytea
    UNION ALL
    SELECT ${PAST_AS_IMAGE}, a.data FROM coordinate.attempt a
      WHERE a.work_spec_id = s.id AND a.work_unit = $3::bytea) f ON true
  WHERE n.name = $1::bytea AND s.name = $2::bytea`);

/** As UNIT_ATTEMPTS, of one attempt at most, besides the row of the unit. @param $4 number of the attempt */
export const UNIT_ATTEMPT = question(`
  SELECT t.now, s.id, f.* FROM ${SPEC}
  LEFT JOIN LATERAL (
    SELECT ${IMAGE_COLUMNS}, CASE WHEN u.attempt_number = $4::int8 THEN ${ATTEMPT_DATA} END FROM coordinate.work_unit u
      WHERE u.work_spec_id = s.id AND u.name = $3::bytea
    UNION ALL
    SELECT ${PAST_AS_IMAGE}, a.data FROM coordinate.attempt a
      WHERE a.work_spec_id = s.id AND a.work_unit = $3::bytea AND a.number = $4::int8) f ON true
  WHERE n.name = $1::bytea AND s.name = $2::bytea`);

/**
 * The row of a unit, with its latest attempt, and some of those before it in the order of their numbers; one row of nulls when
 * there is no such unit.
 * @param $1 to $3 as of UNIT_ATTEMPTS, $4 the number after which they begin, $5 how many
 * @returns as UNIT_ATTEMPTS without the data
 */
export const UNIT_HISTORY = question(`
  SELECT t.now, s.id, f.* FROM ${SPEC}
  LEFT JOIN LATERAL (
    (SELECT ${IMAGE_COLUMNS} FROM coordinate.work_unit u WHERE u.work_spec_id = s.id AND u.name = $3::bytea)
    UNION ALL
    (SELECT ${PAST_AS_IMAGE} FROM coordinate.attempt a
      WHERE a.work_spec_id = s.id AND a.work_unit = $3::bytea AND a.number > $4::int8
      ORDER BY a.number LIMIT $5::int8)) f ON true
  WHERE n.name = $1::bytea AND s.name = $2::bytea`);

/** What UNIT_ATTEMPTS returns. `unit` is for readAttempt, which takes the data too. */
export const READ_ATTEMPT = positions('now', 'specId', ['unit', IMAGE_WIDTH + 1]);

/** What `isRefused` of the domain finds: attempts that only say that their unit has been tried too often. */
const isRefused = (status: string, start: string, end: string, data: string) =>
  `(${status} = 3 AND ${start} = ${end} AND
      substr(${data}, 2, ${REFUSED_MARK.length}) = '\\x${REFUSED_MARK.toString('hex')}'::bytea)`;

/**
 * So many numbered attempts of some statuses, from one number on. Those that are active at their units are found among all that are
 * pending of a spec, which are looked at once, whatever the number of workers: their names stand in a table of hashes (see START_ALONE).
 */
const listedAttempts = (who: string, unitsWhere: string, pastWhere: string) => `
  SELECT t.now, s.id, f.*, s.name FROM ${SPEC}
  CROSS JOIN LATERAL (
    (SELECT g.* FROM coordinate.worker w CROSS JOIN unnest($3::int8[]) AS v (status)
      CROSS JOIN LATERAL (
        (SELECT ${IMAGE_COLUMNS} FROM coordinate.work_unit u
          WHERE u.work_spec_id = s.id AND u.attempt_worker = w.name AND u.attempt_status = v.status AND ${NOT_PENDING}
            AND u.attempt_number > $4::int8 ${unitsWhere} ORDER BY u.attempt_number LIMIT $5::int8)
        UNION ALL
        (SELECT ${PAST_AS_IMAGE} FROM coordinate.attempt a
          WHERE a.work_spec_id = s.id AND a.worker = w.name AND ${anyWorker('a')} AND a.status = v.status
            AND a.number > $4::int8 ${pastWhere} ORDER BY a.number LIMIT $5::int8)) g
      WHERE w.namespace_id = n.id AND ${who})
    UNION ALL
    (SELECT ${IMAGE_COLUMNS} FROM ${pendingOf('s.id')}
      WHERE 0 = ANY($3::int8[]) AND u.attempt_status = 0 AND u.attempt_number > $4::int8
        AND (u.attempt_worker IN (SELECT w.name FROM coordinate.namespace m
          JOIN coordinate.worker w ON w.namespace_id = m.id AND ${who} WHERE m.name = $1::bytea)) IS TRUE
      ORDER BY u.attempt_number LIMIT $5::int8)) f
  WHERE n.name = $1::bytea ORDER BY f.attempt_number LIMIT $5::int8`;

/**
 * A worker's attempts without their data, in the order of their numbers.
 * @param $1 name of the namespace, $2 of the worker, $3 statuses, $4 the number after which they begin, $5 how many
 * @returns as UNIT_ATTEMPTS without the data, and the spec's name
 */
export const LIST_ATTEMPTS_OF = question(
  listedAttempts(
    'w.name = $2::bytea',
    `AND ${isRefused('u.attempt_status', 'u.attempt_start', 'u.attempt_end', 'u.attempt_data')} IS NOT TRUE`,
    `AND ${isRefused('a.status', 'a.start', 'a."end"', 'a.data')} IS NOT TRUE`,
  ),
);

/** What LIST_ATTEMPTS_OF returns; `unit` is for readStoredAttempt. */
export const READ_LISTED_ATTEMPT = positions('now', 'specId', ['unit', IMAGE_WIDTH], 'workSpec');

/** As LIST_ATTEMPTS_OF, of those of the direct children of a worker. */
export const LIST_ATTEMPTS_OF_CHILDREN = question(listedAttempts('w.parent = $2::bytea', '', ''));

/** What `isBroughtHome` of worker-rules.ts says of a status. */
const BROUGHT_HOME = `IN (${ATTEMPT_STATUSES.flatMap((status, code) => (isBroughtHome(status) ? [code] : [])).join(', ')})`;

/** For OFFSET, the history is looked up by its key: a planner that knows it to be empty may join all of it. */
const NOT_COMPLETED = (number: string) => `
      NOT (u.attempt_worker = w.name AND u.attempt_status ${BROUGHT_HOME}) AND NOT EXISTS (
        SELECT 1 FROM coordinate.attempt c WHERE c.work_spec_id = u.work_spec_id AND c.work_unit = u.name
          AND c.worker = w.name AND c.number >= ${number} AND c.status ${BROUGHT_HOME} OFFSET 0)`;

/**
 * What the children of a worker that are active now were last given, less what they have finished or failed since. The units of a spec
 * that are pending are looked at once, whatever the number of children (see `listedAttempts`), and each that a child holds leads to it.
 * @param $1 name of the namespace, $2 of the worker
 * @returns now, name of the child, name of the spec (null: it was given nothing) and whether that is spelt as bytes, the
 * columns of a UnitImage (status null: an attempt of the history), data of the attempt, the columns of the unit as it is
 */
export const CLAIMED_BY_CHILDREN = question(`
  WITH t AS MATERIALIZED (SELECT coordinate.now_micros() AS now),
  children AS MATERIALIZED (
    SELECT w.namespace_id, w.name, w.claim_spec_id, w.claim_first, w.claim_last FROM t CROSS JOIN coordinate.namespace n
    JOIN coordinate.worker w ON w.namespace_id = n.id AND w.parent = $2::bytea AND ${IS_ACTIVE}
    WHERE n.name = $1::bytea),
  held AS MATERIALIZED (
    SELECT w.name AS child, s.name AS spec, s.name_is_bytes, ${IMAGE_COLUMNS}, ${ATTEMPT_DATA}, ${IMAGE_COLUMNS}
    FROM (SELECT DISTINCT c.namespace_id, c.claim_spec_id FROM children c) c
    CROSS JOIN LATERAL (SELECT x.id, x.name, x.name_is_bytes FROM coordinate.work_spec x WHERE x.id = c.claim_spec_id LIMIT 1) s
    CROSS JOIN LATERAL (SELECT * FROM ${pendingOf('s.id')}
      WHERE (u.attempt_worker IN (SELECT d.name FROM children d)) IS TRUE) u
    CROSS JOIN LATERAL (SELECT k.name, k.claim_spec_id, k.claim_first, k.claim_last FROM coordinate.worker k
      WHERE k.namespace_id = c.namespace_id AND k.name = u.attempt_worker LIMIT 1) w
    WHERE w.claim_spec_id = s.id AND u.attempt_number BETWEEN w.claim_first AND w.claim_last
      AND ${NOT_COMPLETED('u.attempt_number')})
  SELECT t.now, f.* FROM t CROSS JOIN (
    SELECT h.* FROM held h
    UNION ALL
    SELECT w.name, s.name, s.name_is_bytes, f.* FROM children w
    LEFT JOIN coordinate.work_spec s ON s.id = w.claim_spec_id
    LEFT JOIN LATERAL (
      SELECT ${IMAGE_COLUMNS}, ${ATTEMPT_DATA}, ${IMAGE_COLUMNS}
      FROM (SELECT * FROM coordinate.work_unit u WHERE u.work_spec_id = s.id AND u.attempt_worker = w.name AND ${NOT_PENDING}
          AND u.attempt_number BETWEEN w.claim_first AND w.claim_last
        ORDER BY u.work_spec_id, u.attempt_worker, u.attempt_status, u.attempt_number) u
      WHERE ${NOT_COMPLETED('u.attempt_number')}
      UNION ALL
      SELECT ${PAST_AS_IMAGE}, a.data, ${IMAGE_COLUMNS}
      FROM (SELECT * FROM coordinate.attempt a WHERE a.work_spec_id = s.id AND a.worker = w.name AND ${anyWorker('a')}
          AND a.number BETWEEN w.claim_first AND w.claim_last
        ORDER BY a.work_spec_id, a.worker, a.status, a.number) a
      CROSS JOIN LATERAL (SELECT * FROM coordinate.work_unit k
        WHERE k.work_spec_id = a.work_spec_id AND k.name = a.work_unit LIMIT 1) u
      WHERE ${NOT_COMPLETED('a.number')}) f (unit) ON true
    WHERE f.unit IS NOT NULL OR (w.name IN (SELECT h.child FROM held h)) IS NOT TRUE) f
  ORDER BY f.child`);

/** What CLAIMED_BY_CHILDREN returns; `attempt` is for readAttempt, which takes the data too. */
export const CLAIMED = positions(
  ...(['now', 'child', 'workSpec', 'nameIsBytes'] as const),
  ['attempt', IMAGE_WIDTH + 1],
  ['unit', IMAGE_WIDTH],
);
