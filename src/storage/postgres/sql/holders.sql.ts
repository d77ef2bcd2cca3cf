import { question, sql } from '../wire/statement.js';

/** Any number that other programs are unlikely to lock: whoever migrates holds it. */
const MIGRATION_LOCK = '7165056121480012';

/** Until the transaction ends, which a pooler leaves in peace. @returns whether it could be had */
export const TRY_MIGRATION_LOCK = sql(`SELECT pg_try_advisory_xact_lock(${MIGRATION_LOCK})`);

export const OWN_PID = question('SELECT pg_backend_pid()');

/** What can be seen of the sessions `h.pid`, or of the prepared transaction `h.xid`; of other users' sessions it is little. */
const DESCRIPTION = `
  h.pid, a.application_name, a.usename, host(a.client_addr), a.client_port, a.state,
  to_char(coalesce(a.xact_start, a.backend_start, p.prepared) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), p.gid`;

/** @returns who holds the lock of those who migrate, as `readHolder` reads it */
export const HOLDERS_OF_MIGRATION_LOCK = question(`
  SELECT ${DESCRIPTION}
  FROM pg_locks h LEFT JOIN pg_stat_activity a ON a.pid = h.pid
  LEFT JOIN pg_prepared_xacts p ON h.pid IS NULL AND h.virtualtransaction = '-1/' || p.transaction
  WHERE h.locktype = 'advisory' AND h.granted AND h.objsubid = 1
    AND h.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    AND h.classid = (${MIGRATION_LOCK}::int8 >> 32)::oid AND h.objid = (${MIGRATION_LOCK}::int8 & 4294967295)::oid
  ORDER BY h.pid`);

/** @param $1 pid of a session @returns whom it waits for, as `readHolder` reads it; none when it does not wait */
export const HOLDERS_BEFORE = question(`
  SELECT ${DESCRIPTION}
  FROM (SELECT DISTINCT nullif(b.pid, 0) AS pid FROM unnest(pg_blocking_pids($1::int4)) b (pid)) h
  LEFT JOIN pg_stat_activity a ON a.pid = h.pid
  LEFT JOIN pg_prepared_xacts p ON h.pid IS NULL AND p.database = current_database()
  ORDER BY h.pid`);
