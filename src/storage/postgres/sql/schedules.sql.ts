import { SPEC_COLUMNS, SPEC_WIDTH } from '../units/spec-head.js';
import { positions } from '../wire/positions.js';
import { question, sql } from '../wire/statement.js';
import { undoneOf } from './conditions.js';

/** When there is something to do: the index work_spec_slot is in this order. */
const DUE = 'LEAST(s.next_slot, s.buffered_slot)';

/** When there is something to do for the first of all schedules (null: never). */
export const FIRST_SLOT = `(SELECT ${DUE} FROM coordinate.work_spec s WHERE s.next_slot IS NOT NULL ORDER BY ${DUE}, s.id LIMIT 1)`;

/**
 * Work specs that have a schedule, by when there is something to do for it.
 * @param $1 when that is of the last one seen, $2 its id, $3 how many
 * @returns the columns of a SpecHead, name of the namespace, when there is something to do, now
 */
export const SCHEDULED_SPECS = question(`
  SELECT ${SPEC_COLUMNS}, n.name, ${DUE}, coordinate.now_micros()
  FROM coordinate.work_spec s JOIN coordinate.namespace n ON n.id = s.namespace_id
  WHERE s.next_slot IS NOT NULL AND (${DUE}, s.id) > ($1::int8, $2::int8)
  ORDER BY ${DUE}, s.id LIMIT $3::int8`);

/** What SCHEDULED_SPECS returns. */
export const SCHEDULED = positions(['spec', SPEC_WIDTH], 'namespace', 'due', 'now');

const SLOTS = `
  SELECT s.id FROM coordinate.work_spec s WHERE s.id = $1::int8 AND s.version = $2::int8 AND s.next_slot = $3::int8
    AND s.buffered_slot IS NOT DISTINCT FROM $4::int8 FOR NO KEY UPDATE`;

/**
 * Keeps others from what a schedule makes, where it is as it was seen and nobody else holds it.
 * @param $1 id, $2 version, $3 next slot, $4 buffered slot (null: none) @returns a row, or none
 */
export const LOCK_SLOTS = sql(`${SLOTS} SKIP LOCKED`);

/** As LOCK_SLOTS, when nobody else holds it any more. */
export const WAIT_FOR_SLOTS = sql(SLOTS);

/** @param $1 id of a work spec @returns how many units of it are available, delayed or pending */
export const COUNT_UNDONE = question(`SELECT ${undoneOf('$1::int8')}`);

const SET_SLOTS = `UPDATE coordinate.work_spec s SET next_slot = $1::int8, last_slot = $2::int8, buffered_slot = $3::int8,
    missed_slots = $4::int8`;

/**
 * Writes how far a schedule is. The version stays: nobody goes by what it remembers of it.
 * @param $1 next slot, $2 last slot (null: none), $3 buffered slot (null: none), $4 how many were missed, $5 id
 */
export const WRITE_SLOTS = sql(`${SET_SLOTS} WHERE s.id = $5::int8`);

/** The same by $5 id of the namespace, $6 name of the spec. */
export const WRITE_SLOTS_BY_NAME = sql(`${SET_SLOTS} WHERE s.namespace_id = $5::int8 AND s.name = $6::bytea`);

/**
 * Locks a work spec, if it is there, until it has been defined anew.
 * @param $1 id of the namespace, $2 name @returns now, the columns of a SpecHead (null where it is not there)
 */
export const LOCK_SCHEDULED = sql(`
  WITH s AS (SELECT * FROM coordinate.work_spec s WHERE s.namespace_id = $1::int8 AND s.name = $2::bytea FOR NO KEY UPDATE)
  SELECT t.now, ${SPEC_COLUMNS} FROM (SELECT coordinate.now_micros() AS now) t LEFT JOIN s ON true`);

/** What LOCK_SCHEDULED returns. */
export const LOCKED_SCHEDULED = positions('now', ['spec', SPEC_WIDTH]);
