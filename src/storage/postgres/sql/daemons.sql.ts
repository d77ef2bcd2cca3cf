import { question, sql } from '../wire/statement.js';

/** The id of a daemon in the name of a session. */
const ID_IN_NAME = `substring(a.application_name from '[^#]*$')`;

/**
 * The sign of life of a daemon: the first one registers it.
 * @param $1 its id, $2 its version, $3 what it knows, $4 its machine, $5 its process, $6 the newest migration that it knows
 */
export const SIGN_DAEMON = sql(`
  INSERT INTO coordinate.daemon (id, version, knows, since, host, pid, migration, seen)
  SELECT $1::text, $2::text, $3::text[], t.now, $4::text, $5::int8, $6::text, t.now FROM (SELECT coordinate.now_micros() AS now) t
  ON CONFLICT (id) DO UPDATE SET seen = excluded.seen`);

/** Forgets daemons that gave their last sign of life more than a day ago and have no session. */
export const FORGET_DAEMONS = sql(`
  DELETE FROM coordinate.daemon d WHERE coalesce(d.seen, d.since) < coordinate.now_micros() - 86400000000
    AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE ${ID_IN_NAME} = d.id)`);

/** Forgets one that ends. @param $1 its id */
export const FORGET_DAEMON = sql(`DELETE FROM coordinate.daemon WHERE id = $1::text`);

/** @param $1 how many at most @returns id, version, migration, machine, process, since when, last sign of life: that one latest first */
export const LIST_DAEMONS = question(`
  SELECT d.id, d.version, d.migration, d.host, d.pid, d.since, d.seen FROM coordinate.daemon d
  ORDER BY coalesce(d.seen, d.since) DESC, d.id LIMIT $1::int8`);

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
