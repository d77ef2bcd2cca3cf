import { question, sql } from '../wire/statement.js';

/** The id of a daemon in the name of a session. */
const ID_IN_NAME = `substring(a.application_name from '[^#]*$')`;

/** @param $1 its id, $2 its version, $3 what it knows */
export const REGISTER_DAEMON = sql(`
  INSERT INTO coordinate.daemon (id, version, knows, since)
  VALUES ($1::text, $2::text, $3::text[], coordinate.now_micros())
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, knows = excluded.knows, since = excluded.since`);

/** Forgets daemons that were opened more than a day ago and have no session. */
export const FORGET_DAEMONS = sql(`
  DELETE FROM coordinate.daemon d WHERE d.since < coordinate.now_micros() - 86400000000
    AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE ${ID_IN_NAME} = d.id)`);

/**
 * Looks for a session of a daemon that does not know something: it has no id in its name, or is registered as one that does not.
 * @param $1 names of sessions that are daemons', $2 what is to be known @returns name, pid, address and version (null: not known)
 */
export const FIND_IGNORANT = question(`
  SELECT a.application_name, a.pid, host(a.client_addr), d.version
  FROM pg_stat_activity a LEFT JOIN coordinate.daemon d ON d.id = ${ID_IN_NAME}
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
    AND (a.application_name = ANY($1::text[]) OR NOT (d.knows @> ARRAY[$2::text]))
  ORDER BY a.pid LIMIT 1`);
