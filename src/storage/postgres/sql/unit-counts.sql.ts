import { question } from '../wire/statement.js';
import { positions } from '../wire/positions.js';
import { isDue } from './conditions.js';
import { BY_CAUSE, BY_STATUS, BY_WORKER, SPEC, WINDOW } from './reading.sql.js';

/**
 * Counts units by status, those of them that have some bytes in their names; one row with a status of null when there are none.
 * @param select - as a listing has it @param part - the parameter behind its own: the bytes
 */
const counted = (select: (columns: string) => string, part: string) =>
  question(`
  SELECT t.now, s.id, ${isDue('s.id', 't.now')}, f.* FROM ${SPEC}
  LEFT JOIN LATERAL (
    WITH w AS MATERIALIZED (${select('u.status, u.name')})
    SELECT w.status, count(*) FILTER (WHERE position(${part}::bytea IN w.name) > 0) AS found, count(*) AS looked,
      (SELECT l.name FROM w l ORDER BY l.name DESC LIMIT 1) AS last
    FROM w GROUP BY w.status) f ON true
  WHERE n.name = $1::bytea AND s.name = $2::bytea`);

/** Parameters as of UNIT_WINDOW. @param $6 what the names are to have in them */
export const COUNT_WINDOW = counted(WINDOW, '$6');
/** As of UNITS_BY_STATUS. @param $7 what the names are to have in them */
export const COUNT_BY_STATUS = counted(BY_STATUS, '$7');
/** As of UNITS_BY_CAUSE. @param $7 what the names are to have in them */
export const COUNT_BY_CAUSE = counted(BY_CAUSE, '$7');
/** As of UNITS_BY_WORKER. @param $7 what the names are to have in them */
export const COUNT_BY_WORKER = counted(BY_WORKER, '$7');

/** What these return: how many of a status have what they are to have, how many have that status, and the last name of all. */
export const COUNTED_UNITS = positions('now', 'specId', 'isDue', 'status', 'found', 'looked', 'last');
