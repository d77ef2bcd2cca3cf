import { lasting, question, sql } from '../wire/statement.js';

/** @param $1 hash, $2 holder, $3 basis, $4 lifetime, $5 how many others its holder keeps */
export const ADD_SESSION = sql(`
  WITH surplus AS (DELETE FROM coordinate.session WHERE hash IN (SELECT s.hash FROM coordinate.session s
    WHERE s.holder = $2::bytea ORDER BY s.begins DESC, s.hash OFFSET $5::int8 FOR UPDATE SKIP LOCKED))
  INSERT INTO coordinate.session (hash, holder, basis, begins, ends)
  SELECT $1::bytea, $2::bytea, $3::bytea, t.now, t.now + $4::int8 FROM (SELECT coordinate.now_micros() AS now) t`);

/** @param $1 hashes @returns hash, basis, when it ends, how long that is from now */
export const FIND_SESSIONS = question(`
  SELECT s.hash, s.basis, s.ends, s.ends - t.now FROM (SELECT coordinate.now_micros() AS now) t
  JOIN coordinate.session s ON s.hash = ANY($1::bytea[]) AND s.ends > t.now`);

/** @param $1 hash @returns whether it went on */
export const END_SESSION = sql(`
  DELETE FROM coordinate.session WHERE hash = $1::bytea RETURNING ends > coordinate.now_micros()`);

/** Whether the time of a session `s` is over. */
export const HAS_ENDED = 's.ends <= (SELECT coordinate.now_micros())';

/** Removes some whose time is over. @param $1 how many @returns a row for each */
export const REMOVE_SESSIONS = lasting(
  sql(`
  DELETE FROM coordinate.session WHERE hash IN (SELECT s.hash FROM coordinate.session s
    WHERE ${HAS_ENDED} ORDER BY s.ends LIMIT $1::int8 FOR UPDATE SKIP LOCKED) RETURNING 1`),
);
