import { ZERO_TIME } from '../../../domain/time.js';
import { AVAILABLE, PENDING } from '../units/codes.js';
import { attemptStatusCode, FAILED, FINISHED } from '../units/codes.js';
import { positions } from '../wire/positions.js';
import { sql } from '../wire/statement.js';
import { ADD_CAUSES } from './causes.sql.js';
import { isDue } from './conditions.js';

/**
 * Statements that do in one step, and commit by themselves, what most claims and reports need. They check in the same
 * snapshot that the case is as plain as the daemon took it for, and leave out whatever is not: that goes the general way. Each says
 * which rule of the domain it repeats; the tests `rules-in-sql` in test/storage/postgres hold the two together.
 */

/**
 * Finishes or fails attempts that are pending and whose lease runs, of work specs in the version that the daemon knows: what
 * `changeAttempt` of attempt-rules.ts does by finish and fail to an active attempt, and `isMeant` says of which.
 * @param $1 ids of work specs and $2 their versions; $3 ids of the specs and $4 names of the units (sorted by both),
 * $5 new statuses of the units, $6 who must hold them (null: whoever does), $7 the attempts' numbers and $8 starts (null:
 * whichever it is), $9 own data of the attempts (null: those they have), $10 which counters, $11 at what places the units are taken to
 * be (null: that is looked up by their names); what is somewhere else by now is left as it is. The test `IS TRUE` keeps a planner
 * from looking up by its name what is at a place.
 * @returns one row: now, and of those that it ended, where there are any, lists of one length: ordinals and expirations; and lists
 * of the starts and of the workers (in hexadecimal) of those of which they were not given
 */
export const END_ATTEMPTS = sql(endAttempts(false));

/** What END_ATTEMPTS returns. */
export const ENDED = positions('now', 'ordinals', 'expirations', 'starts', 'workers');

/**
 * As END_ATTEMPTS, where some fail: with the causes, counted by the same statement.
 * @param $12 numbers of the causes (null: it does not fail) and $13 their texts
 */
export const END_FAILING = sql(endAttempts(true));

function endAttempts(fails: boolean): string {
  const failing = (part: string): string => (fails ? part : '');
  return `
  WITH t AS MATERIALIZED (SELECT coordinate.now_micros() AS now),
  ended AS (
    UPDATE coordinate.work_unit u SET status = v.status, moment = t.now, late = false, attempt_end = t.now,
      attempt_status = CASE v.status WHEN ${FINISHED} THEN ${attemptStatusCode('finished')}
        ELSE ${attemptStatusCode('failed')} END,
      attempt_data = CASE WHEN v.data IS NULL THEN u.attempt_data ELSE v.data END
      ${failing(', cause = v.cause, cause_attempt = u.attempt_number')}
    FROM t CROSS JOIN unnest($3::int8[], $4::bytea[], $5::int8[], $6::bytea[], $7::int8[], $8::int8[], $9::bytea[],
        $11::tid[]${failing(', $12::int8[], $13::bytea[]')})
      WITH ORDINALITY AS v (work_spec_id, name, status, worker, number, start, data, place, ${failing('cause, text, ')}ord)
    CROSS JOIN LATERAL (SELECT coalesce(v.place, (SELECT w.ctid FROM coordinate.work_unit w
        WHERE w.work_spec_id = v.work_spec_id AND w.name = v.name LIMIT 1)) AS place LIMIT 1) p
    WHERE u.ctid = p.place AND (u.work_spec_id = v.work_spec_id AND u.name = v.name) IS TRUE
      AND v.work_spec_id = ANY(ARRAY(SELECT s.id FROM unnest($1::int8[], $2::int8[]) AS k (id, version)
        JOIN coordinate.work_spec s ON s.id = k.id AND s.version = k.version))
      AND u.status = ${PENDING} AND u.moment > t.now AND u.attempt_start <= t.now
      AND (v.worker IS NULL OR u.attempt_worker = v.worker)
      AND (v.number IS NULL OR u.attempt_number = v.number AND u.attempt_start = v.start)
    RETURNING v.ord, t.now, u.attempt_expiration, u.work_spec_id, u.status,
      CASE WHEN v.start IS NULL THEN u.attempt_start END AS start,
      CASE WHEN v.worker IS NULL THEN u.attempt_worker END AS worker
      ${failing(', v.cause, v.text')}),
  counted AS (
    INSERT INTO coordinate.work_spec_count AS c
      (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
    SELECT e.work_spec_id, $10::int8, 0, 0, -count(*), count(*) FILTER (WHERE e.status = ${FINISHED}),
      count(*) FILTER (WHERE e.status = ${FAILED}), 0
    FROM ended e GROUP BY e.work_spec_id
    ON CONFLICT (work_spec_id, shard) DO UPDATE SET pending = c.pending + excluded.pending,
      finished = c.finished + excluded.finished, failed = c.failed + excluded.failed)
  ${failing(`, caused AS (
    INSERT INTO coordinate.work_spec_cause AS c (work_spec_id, cause, shard, units, first, last, text)
    SELECT e.work_spec_id, e.cause, $10::int8, count(*), min(e.now), max(e.now), (array_agg(e.text))[1]
    FROM ended e WHERE e.cause IS NOT NULL GROUP BY e.work_spec_id, e.cause ORDER BY e.work_spec_id, e.cause
    ${ADD_CAUSES})`)}
  SELECT max(e.now), array_agg(e.ord), array_agg(e.attempt_expiration),
    array_agg(e.start) FILTER (WHERE e.start IS NOT NULL),
    array_agg(encode(e.worker, 'hex')) FILTER (WHERE e.worker IS NOT NULL)
  FROM ended e`;
}

/** Whether an attempt that was no longer its unit's active one has expired without anybody having looked: `hasRunOut`. */
const HAS_RUN_OUT = `k.attempt_status = ${attemptStatusCode('pending')} AND k.attempt_expiration <= g.now`;

const AVAILABLE_OF = (id: string) => `(SELECT coalesce(sum(k.available), 0) FROM coordinate.work_spec_count k
      WHERE k.work_spec_id = ${id})`;

/**
 * What claims of one work spec look at first: the moment, the spec, whose limits nobody may change until the claim commits, and `g`, a
 * row if the case is as plain as the daemon took it for, with the place of the first claimable unit.
 */
const LOOK = `
  WITH t AS MATERIALIZED (SELECT coordinate.now_micros() AS now),
  held AS MATERIALIZED (
    SELECT s.id FROM coordinate.work_spec s
    WHERE s.id = $4::int8 AND s.version = ($3::int8[])[array_position($2::int8[], $4::int8)]
    FOR KEY SHARE SKIP LOCKED),
  g AS MATERIALIZED (
    SELECT t.now, c.arrivals, f.rank, f.name
    FROM t
    CROSS JOIN (SELECT coalesce(sum(k.arrivals), 0)::int8 AS arrivals FROM coordinate.work_spec_count k
      WHERE k.work_spec_id = $4::int8) c
    LEFT JOIN LATERAL (
      SELECT u.rank, u.name FROM coordinate.work_unit u
      WHERE u.work_spec_id = $4::int8 AND u.status = ${AVAILABLE} AND (u.rank, u.name) >=
        (CASE WHEN c.arrivals = $6::int8 THEN $7::float8 ELSE '-Infinity' END,
         CASE WHEN c.arrivals = $6::int8 THEN $8::bytea ELSE '' END)
      ORDER BY u.rank, u.name LIMIT 1) f ON true
    WHERE (SELECT array_agg(s.id ORDER BY s.id) = $2::int8[] AND array_agg(s.version ORDER BY s.id) = $3::int8[]
        FROM (SELECT w.id, w.version FROM coordinate.work_spec w WHERE w.namespace_id = $1::int8
          ORDER BY w.namespace_id, w.name) s)
      AND EXISTS (SELECT FROM held)
      AND NOT ${isDue('$4::int8', 't.now')}
      AND NOT EXISTS (SELECT 1 FROM unnest($5::int8[]) AS r (id)
        WHERE ${AVAILABLE_OF('r.id')} > 0 OR ${isDue('r.id', 't.now')}))`;

/** The first claimable units behind `g`, locked, with their latest attempts, as a lateral `u`. @param limit - how many */
const first = (limit: string): string => `
    FROM g CROSS JOIN LATERAL (
      SELECT u.ctid AS place, u.name, u.moment, u.attempt_number, u.attempt_worker, u.attempt_start, u.attempt_end,
        u.attempt_expiration, u.attempt_status, CASE WHEN u.attempt_number IS NOT NULL
          THEN coalesce(u.attempt_data, u.attempt_start_data, u.data) END AS attempt_data,
        octet_length(u.data) + octet_length(u.name) + $14::int8 AS size
      FROM coordinate.work_unit u
      WHERE u.work_spec_id = $4::int8 AND u.status = ${AVAILABLE} AND (u.rank, u.name) >= (g.rank, g.name)
      ORDER BY u.rank, u.name LIMIT ${limit}
      FOR UPDATE SKIP LOCKED) u`;

/** What becomes of a unit `u` at which an attempt is started, of that number, by that worker, for that time. */
const begun = (number: string, worker: string, lifetime: string): string => `
      status = ${PENDING}, moment = g.now + ${lifetime}, late = false,
      tries = u.tries + 1, attempts = u.attempts + 1, lapse = NULL,
      attempt_number = ${number}, attempt_worker = ${worker}, attempt_start = g.now, attempt_end = ${ZERO_TIME},
      attempt_expiration = g.now + ${lifetime}, attempt_status = ${attemptStatusCode('pending')}, attempt_data = NULL,
      attempt_start_data = NULL`;

/** The latest attempts of the units `taken` that were `started` go to the history. */
const KEEP_HISTORY = `
    INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
    SELECT $4::int8, k.name, k.attempt_number, k.attempt_worker, k.attempt_start,
      CASE WHEN ${HAS_RUN_OUT} THEN k.attempt_expiration ELSE k.attempt_end END, k.attempt_expiration,
      CASE WHEN ${HAS_RUN_OUT} THEN ${attemptStatusCode('expired')} ELSE k.attempt_status END, k.attempt_data
    FROM g CROSS JOIN taken k
    WHERE k.attempt_number IS NOT NULL AND (k.number IN (SELECT s.number FROM started s)) IS TRUE`;

/** Records what workers were given last. @param given - rows `s` of a worker, its first and its last number */
const record = (given: string): string => `
    INSERT INTO coordinate.worker AS w
      (namespace_id, name, mode, data, last_update, expiration, inactive_at, deactivated, reported,
       last_claim, claim_spec_id, claim_first, claim_last)
    SELECT $1::int8, s.worker, '', '\\xa0', g.now, g.now + $12::int8, g.now + $12::int8, false, false,
      g.now, $4::int8, s.first, s.last
    FROM g CROSS JOIN (${given}) s
    ON CONFLICT (namespace_id, name) DO UPDATE SET last_claim = excluded.last_claim,
      claim_spec_id = excluded.claim_spec_id, claim_first = excluded.claim_first, claim_last = excluded.claim_last`;

/** Counts so many units as pending that were available. @param started - rows of their number */
const count = (started: string): string => `
    INSERT INTO coordinate.work_spec_count AS c
      (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
    SELECT $4::int8, $11::int8, -s.units, 0, s.units, 0, 0, 0 FROM (${started}) s
    ON CONFLICT (work_spec_id, shard) DO UPDATE SET available = c.available + excluded.available,
      pending = c.pending + excluded.pending`;

/**
 * Starts attempts on the first claimable units of a work spec, as `giveOut` of attempt-rules.ts does where there is no limit of
 * tries, if no spec of its namespace has changed since the daemon read them, and no other one that would come into question
 * has anything to give. Records of workers that are not there are made as `newWorkerTimes` of worker-rules.ts says.
 * @param $1 id of the namespace, $2 ids of its work specs (sorted) and $3 their versions, $4 id of the spec to claim of,
 * $5 ids of those that must have nothing available, $6 to $8 arrivals, rank and name of a hint as of CLAIM_STATE,
 * $9 workers and $10 lifetimes of the attempts, as many as are wanted, $11 which counters, $12 when a new record of a
 * worker expires, after now, $13 how many bytes fit, $14 how many each unit has beside its name and data
 * If the units taken have more bytes together, only the first is started.
 * The specs are read in the order of their names, and sorted then: in the order of their ids, a planner walks over those of all
 * namespaces.
 * Until it commits, nobody can give the spec a limit: who does waits for it, and counts what it has started (see AWAIT_CLAIMS).
 * A unit that another transaction has changed since the snapshot is left where it is: locking it leads to its new row, and
 * at that place the snapshot has none. The test `IS TRUE` keeps the numbers that it looks among in a table of hashes, where
 * a join could only compare each with each.
 * @returns no row if it did nothing; else one: now, arrivals, rank and name of the first claimable unit (null: none), and of the
 * attempts, where there are any, lists of one length: ordinals, numbers, since when the units were available, how long their names
 * and data are; and all names one behind another, and all data
 */
export const START_ALONE = sql(startAlone(false));

/** What START_ALONE returns. */
export const STARTED = positions(
  ...(['now', 'arrivals', 'rank', 'name'] as const),
  ...(['ordinals', 'numbers', 'sinces', 'nameLengths', 'dataLengths', 'names', 'data', 'places'] as const),
);

/** As START_ALONE, but of the units taken those are started that fit, as `fitsIn` of claim-rules.ts says. */
export const START_WITHIN_BYTES = sql(startAlone(true));

function startAlone(isBounded: boolean): string {
  const only = (part: string): string => (isBounded ? part : '');
  return `${LOOK},
  taken AS MATERIALIZED (
    SELECT nextval('coordinate.attempt_number') AS number, u.*${first('cardinality($9::bytea[])')}),
  dealt AS MATERIALIZED (
    ${only('SELECT z.* FROM (SELECT z.*, sum(z.size) OVER (ORDER BY z.ord) AS bytes FROM (')}
    SELECT z.* FROM (SELECT array_agg(k.place) AS places, array_agg(k.number) AS numbers, array_agg(k.moment) AS moments
      ${isBounded ? ', array_agg(k.size) AS sizes' : ', sum(k.size) AS bytes'} FROM taken k) a
    CROSS JOIN unnest(a.places, a.numbers, a.moments, $9::bytea[], $10::int8[]${only(', a.sizes')})
      WITH ORDINALITY AS z (place, number, since, worker, lifetime, ${only('size, ')}ord)
    WHERE z.place IS NOT NULL
    ${isBounded ? ') z) z WHERE z.ord = 1 OR z.bytes <= $13::int8' : 'AND (z.ord = 1 OR a.bytes <= $13::int8)'}),
  started AS (
    UPDATE coordinate.work_unit u SET ${begun('z.number', 'z.worker', 'z.lifetime')}
    FROM g CROSS JOIN dealt z
    WHERE u.ctid = z.place
    RETURNING z.number, z.since, z.worker, z.ord, u.name, u.data),
  history AS (${KEEP_HISTORY}),
  recorded AS (${record(`SELECT r.worker, min(r.number) AS first, max(r.number) AS last FROM started r
      GROUP BY r.worker ORDER BY r.worker`)}),
  counted AS (${count('SELECT count(*) AS units FROM started HAVING count(*) > 0')})
  SELECT g.now, g.arrivals, g.rank, g.name, s.* FROM g CROSS JOIN (
    SELECT array_agg(s.ord), array_agg(s.number), array_agg(s.since), array_agg(octet_length(s.name)),
      array_agg(octet_length(s.data)), string_agg(s.name, ''), string_agg(s.data, '')
    FROM started s) s`;
}

/**
 * As START_WITHIN_BYTES, of one claim, as workers make it that ask for many units: what is the same for all of them is said once, and
 * what was started is gone through once.
 * @param $9 the worker and $10 the lifetime, $15 how many units are wanted
 * @returns as START_ALONE, without the ordinals: they are in the order of their numbers; and at what places the units are now
 */
export const START_FOR_ONE = sql(`${LOOK},
  taken AS MATERIALIZED (
    SELECT nextval('coordinate.attempt_number') AS number, u.*,
      sum(u.size::float8) OVER (ROWS UNBOUNDED PRECEDING) AS bytes${first('$15::int8')}),
  started AS (
    UPDATE coordinate.work_unit u SET ${begun('z.number', '$9::bytea', '$10::int8')}
    FROM g CROSS JOIN taken z
    WHERE u.ctid = z.place AND (z.bytes <= $13::float8 OR z.bytes = z.size)
    RETURNING u.ctid AS place, z.number, z.moment AS since, u.name, u.data),
  given AS MATERIALIZED (
    SELECT count(*) AS units, min(s.number) AS first, max(s.number) AS last, array_agg(s.number) AS numbers,
      array_agg(s.place) AS places,
      array_agg(s.since) AS sinces, array_agg(octet_length(s.name)) AS name_lengths,
      array_agg(octet_length(s.data)) AS data_lengths, string_agg(s.name, '') AS names, string_agg(s.data, '') AS data
    FROM started s HAVING count(*) > 0),
  history AS (${KEEP_HISTORY}),
  recorded AS (${record('SELECT $9::bytea AS worker, s.first, s.last FROM given s')}),
  counted AS (${count('SELECT s.units FROM given s')})
  SELECT g.now, g.arrivals, g.rank, g.name, NULL, s.numbers, s.sinces, s.name_lengths, s.data_lengths, s.names, s.data,
    s.places
  FROM g LEFT JOIN given s ON true`);
