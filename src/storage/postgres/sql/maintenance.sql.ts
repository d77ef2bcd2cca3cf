import { FAILED, FINISHED } from '../units/codes.js';
import { positions } from '../wire/positions.js';
import { lasting, question, sql } from '../wire/statement.js';
import { causeOf } from './causes.sql.js';
import { anyInactivity, anyMoment } from './conditions.js';
import { isOldHistory } from './history.sql.js';
import { isOldDone } from './workers-done.sql.js';
import { HAS_ENDED } from './sessions.sql.js';

/** Whether units of a spec have ended that a limit does not keep, as `isExceeded` of retention.ts says of the oldest of them. */
const isExceeded = (
  status: number,
  count: string,
  kept: string,
  age: string,
) => `(coalesce(c.${count} > ${kept}::int8, false)
    OR coalesce(t.now - ${age}::int8 >= (SELECT o.moment FROM coordinate.work_unit o
      WHERE o.work_spec_id = s.id AND o.status = ${status} AND ${anyMoment('o')}
      ORDER BY o.work_spec_id, o.status, o.moment LIMIT 1), false))`;

const exceeding = (specs: string) =>
  lasting(
    question(`
  SELECT t.now, s.id, s.name, ${isExceeded(FINISHED, 'finished', '$1', '$2')}, ${isExceeded(FAILED, 'failed', '$3', '$4')}
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN (${specs}) s
  LEFT JOIN LATERAL (SELECT sum(k.finished) AS finished, sum(k.failed) AS failed
    FROM coordinate.work_spec_count k WHERE k.work_spec_id = s.id) c ON true`),
  );

/**
 * Some work specs in the order of their ids, and whether they have ended units that a limit does not keep.
 * @param $1 how many finished units are kept and $2 for how long, $3 and $4 the same of failed ones (null: no limit),
 * $5 the id after which they begin, $6 how many specs
 * @returns now, id, name, whether finished and whether failed units are to be removed
 */
export const EXCEEDING = exceeding(`
    SELECT s.id, s.name FROM coordinate.work_spec s WHERE s.id > $5::int8 ORDER BY s.id LIMIT $6::int8`);

/**
 * The same of one namespace, in the order of their names.
 * @param $5 the namespace, $6 the first name, $7 how many specs, $8 the names that come into question (null: all)
 */
export const EXCEEDING_IN = exceeding(`
    SELECT s.id, s.name FROM coordinate.namespace n JOIN coordinate.work_spec s ON s.namespace_id = n.id
    WHERE n.name = $5::bytea AND s.name >= $6::bytea AND ($8::bytea[] IS NULL OR s.name = ANY($8::bytea[]))
    ORDER BY n.id, s.name LIMIT $7::int8`);

/** What EXCEEDING and EXCEEDING_IN return. */
export const EXCEEDING_SPEC = positions('now', 'id', 'name', 'finished', 'failed');

/** Locks those of some rows `v` that are as they were, leaving out what another transaction holds. */
const lockAsTheyWere = (candidates: string) =>
  lasting(
    sql(`
  SELECT l.name, l.cause, l.attempts FROM (${candidates}) v
  LEFT JOIN LATERAL (SELECT x.name, ${causeOf('x')} AS cause, x.attempts FROM coordinate.work_unit x
    WHERE x.work_spec_id = $1::int8 AND x.name = v.name AND x.status = $2::int8 AND x.moment = v.moment
    FOR UPDATE SKIP LOCKED) l ON true`),
  );

/**
 * Locks ended units of a spec beyond the newest ones that are kept, the oldest first, as `isExceeded` of retention.ts says. How many are beyond those and which
 * they are is seen in one snapshot, so that whoever else removes some at the same time chooses the same: what another
 * transaction holds is left to it, never replaced by newer ones.
 * @param $1 id of the spec, $2 their status, $3 how many are kept, $4 how many to lock at most
 * @returns a row for each that was chosen: its name, or null where it could not be locked or has changed, if it is failed its cause, and how many attempts it has had
 */
export const LOCK_EXCESS = lockAsTheyWere(`
    SELECT u.name, u.moment FROM coordinate.work_unit u
    WHERE u.work_spec_id = $1::int8 AND u.status = $2::int8 AND ${anyMoment('u')}
    ORDER BY u.work_spec_id, u.status, u.moment
    LIMIT least($4::int8, greatest(0, (
      SELECT coalesce(sum(CASE WHEN $2::int8 = ${FINISHED} THEN k.finished ELSE k.failed END), 0)
      FROM coordinate.work_spec_count k WHERE k.work_spec_id = $1::int8) - $3::int8))`);

/** Locks those that ended until a moment, the oldest first. As LOCK_EXCESS, with $3 the moment. */
export const LOCK_OLD = lockAsTheyWere(`
    SELECT u.name, u.moment FROM coordinate.work_unit u
    WHERE u.work_spec_id = $1::int8 AND u.status = $2::int8 AND u.moment <= $3::int8 AND ${anyMoment('u')}
    ORDER BY u.work_spec_id, u.status, u.moment LIMIT $4::int8`);

/**
 * Some namespaces in the order of their ids, and whether they have workers that a limit no longer keeps, as `isExceeded` of
 * retention.ts says of the one that has been inactive longest.
 * @param $1 how many inactive ones are kept and $2 for how long (null: no limit), $3 the id after which they begin,
 * $4 how many, $5 the only namespace that comes into question (null: all)
 * @returns id, whether more are inactive than are kept, whether one has been so for too long, how many specs there are
 */
export const EXCEEDING_WORKERS = lasting(
  question(`
  SELECT n.id,
    $1::int8 IS NOT NULL AND EXISTS (SELECT 1 FROM coordinate.worker w
      WHERE w.namespace_id = n.id AND w.inactive_at <= t.now AND ${anyInactivity('w')} OFFSET $1::int8),
    $2::int8 IS NOT NULL AND EXISTS (SELECT 1 FROM coordinate.worker w
      WHERE w.namespace_id = n.id AND w.inactive_at <= t.now - $2::int8 AND ${anyInactivity('w')}),
    (SELECT count(*) FROM coordinate.work_spec s WHERE s.namespace_id = n.id)
  FROM (SELECT coordinate.now_micros() AS now) t CROSS JOIN (
    SELECT n.id FROM coordinate.namespace n WHERE n.id > $3::int8 AND ($5::bytea IS NULL OR n.name = $5::bytea)
    ORDER BY n.id LIMIT $4::int8) n`),
);

/** Where there may be something to remove besides units and workers, and which rows would be the first. */
const FIRST_REMAINS = {
  locks: 'lock l',
  garbage: 'garbage g WHERE g.look_at <= (SELECT coordinate.now_micros()) ORDER BY g.look_at, g.id',
  changes: 'work_spec_change c',
  minutes: `work_spec_history h WHERE ${isOldHistory('h', 1, '$1')} ORDER BY h.minutes, h.start`,
  hours: `work_spec_history h WHERE ${isOldHistory('h', 60, '$2')} ORDER BY h.minutes, h.start`,
  done: `worker_done d WHERE ${isOldDone('d', '$3')} ORDER BY d.span`,
  sessions: `session s WHERE ${HAS_ENDED} ORDER BY s.ends`,
  causes: 'work_spec_cause k',
};

/**
 * Whether there is anything of each kind that is looked through from time to time, so that a database with nothing of it is asked once.
 * @param $1 how long minutes of the history are kept, $2 its hours, $3 what workers have done
 */
export const WHAT_REMAINS = lasting(
  question(`
  SELECT ${Object.values(FIRST_REMAINS)
    .map((first) => `(SELECT true FROM coordinate.${first} LIMIT 1)`)
    .join(',\n    ')}`),
);

/** What WHAT_REMAINS returns: true, or null. */
export const REMAINING = positions(...(Object.keys(FIRST_REMAINS) as (keyof typeof FIRST_REMAINS)[]));

/**
 * Objects that are gone and whose rows are to be looked for now.
 * @param $1 how many at most @returns id, now
 */
export const LIST_GARBAGE = question(`
  SELECT g.id, t.now FROM (SELECT coordinate.now_micros() AS now) t
  CROSS JOIN LATERAL (SELECT g.id FROM coordinate.garbage g WHERE g.look_at <= t.now ORDER BY g.look_at, g.id
    LIMIT $1::int8) g`);

/** Where rows of an object that is gone may be, and the column that has its id. */
const REMAINS = [
  ['work_unit', 'work_spec_id'],
  ['attempt', 'work_spec_id'],
  ['work_spec_count', 'work_spec_id'],
  ['work_spec_cause', 'work_spec_id'],
  ['worker', 'namespace_id'],
  ['lock', 'namespace_id'],
  ['work_spec_change', 'namespace_id'],
  ['work_spec_history', 'history_id'],
] as const;

/** Each removes some rows of objects that are gone, but for what another session holds. @param $1 their ids, $2 how many at most @returns a row for each */
export const REMOVALS = REMAINS.map(([table, column]) =>
  lasting(
    sql(`
  DELETE FROM coordinate.${table} d WHERE d.ctid = ANY(ARRAY(
    SELECT o.place FROM unnest($1::int8[]) AS v (id)
    CROSS JOIN LATERAL (SELECT w.ctid AS place FROM coordinate.${table} w WHERE w.${column} = v.id LIMIT $2::int8
      FOR UPDATE SKIP LOCKED) o
    LIMIT $2::int8)) RETURNING 1`),
  ),
);

/** Whether the object has no rows: another daemon may be about to remove them. As values, which no planner makes joins of. */
const HAS_NONE = REMAINS.map(
  ([table, column]) => `(SELECT r.${column} FROM coordinate.${table} r WHERE r.${column} = g.id LIMIT 1) IS NULL`,
).join('\n    AND ');

/** How long an object that is gone is remembered, by when every transaction that knew it has ended. */
const MEMORY = 3_600_000_000;

/** Those of some objects whose notes nobody holds. */
const FREE = 'ARRAY(SELECT f.id FROM coordinate.garbage f WHERE f.id = ANY($1::int8[]) FOR UPDATE SKIP LOCKED)';

/** Forgets objects without rows that went long ago. @param $1 their ids, $2 when it was that they had none */
export const FORGET_GARBAGE = lasting(
  sql(`
  DELETE FROM coordinate.garbage g WHERE g.id = ANY(${FREE}) AND g.since <= $2::int8 - ${MEMORY}
    AND ${HAS_NONE}`),
);

/** Lets the others be looked at once more when that is so of them: somebody may still add something. As FORGET_GARBAGE. */
export const POSTPONE_GARBAGE = lasting(
  sql(`
  UPDATE coordinate.garbage g SET look_at = g.since + ${MEMORY} WHERE g.id = ANY(${FREE})
    AND g.since > $2::int8 - ${MEMORY}
    AND ${HAS_NONE}`),
);
