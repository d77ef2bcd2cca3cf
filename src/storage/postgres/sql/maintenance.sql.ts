import { lasting, question, sql } from '../wire/statement.js';
import { anyMoment } from './conditions.js';

/**
 * Locks units that retention takes away, the oldest first, leaving out those that another transaction holds.
 * @param $1 id of a work spec, $2 their status, $3 ended until when, $4 how many at most @returns their names
 */
export const LOCK_OLDEST = lasting(
  sql(`
  SELECT u.name FROM coordinate.work_unit u
  WHERE u.work_spec_id = $1::int8 AND u.status = $2::int8 AND u.moment <= $3::int8
    AND ${anyMoment('u')}
  ORDER BY u.work_spec_id, u.status, u.moment LIMIT $4::int8
  FOR UPDATE SKIP LOCKED`),
);

/** What remains of objects that are gone. @returns their ids, and whether they went more than an hour ago */
export const LIST_GARBAGE = question(`
  SELECT g.id, g.since < coordinate.now_micros() - 3600000000 FROM coordinate.garbage g ORDER BY g.id LIMIT 100`);

const removal = (table: string, column: string) =>
  lasting(
    sql(`DELETE FROM coordinate.${table} d WHERE d.ctid IN (
    SELECT o.ctid FROM coordinate.${table} o WHERE o.${column} = $1::int8 LIMIT $2::int8) RETURNING 1`),
  );

/** Each removes some rows of an object that is gone. @param $1 its id, $2 how many at most @returns a row for each */
export const REMOVALS = [
  removal('work_unit', 'work_spec_id'),
  removal('attempt', 'work_spec_id'),
  removal('work_spec_count', 'work_spec_id'),
  removal('worker', 'namespace_id'),
  removal('lock', 'namespace_id'),
];

/** @param $1 id */
export const FORGET_GARBAGE = sql(`DELETE FROM coordinate.garbage g WHERE g.id = $1::int8`);
