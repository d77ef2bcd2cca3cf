import { PENDING } from '../units/codes.js';

/**
 * Conditions that always hold, of the indexes that hold all rows: a query that is to use one of them repeats its condition,
 * and no other query can.
 */
export const anyName = (row: string) => `${row}.name >= ''::bytea`;
export const anyWorker = (row: string) => `${row}.worker >= ''::bytea`;
export const anyMoment = (row: string) => `${row}.moment >= '-9223372036854775808'::bigint`;
export const anyInactivity = (row: string) => `${row}.inactive_at >= '-9223372036854775808'::bigint`;

/** Whether a lease or delay of a spec has run out by `now` that has not yet taken effect: whether `settle` of unit-rules.ts would change a unit. */
export const isDue = (workSpecId: string, now: string) => `(EXISTS (SELECT 1 FROM coordinate.work_unit d
      WHERE d.work_spec_id = ${workSpecId} AND d.status = 2 AND d.moment <= ${now} AND ${anyMoment('d')})
    OR EXISTS (SELECT 1 FROM coordinate.work_unit d
      WHERE d.work_spec_id = ${workSpecId} AND d.status = 1 AND d.moment <= ${now} AND ${anyMoment('d')}))`;

/** The units `u` of a spec that are pending, by their moments: a planner is told their order, lest it goes by another index. */
export const pendingOf = (workSpecId: string) => `(SELECT * FROM coordinate.work_unit p
      WHERE p.work_spec_id = ${workSpecId} AND p.status = ${PENDING} AND ${anyMoment('p')}
      ORDER BY p.work_spec_id, p.status, p.moment) u`;

/** Since when the unit of a spec has been available that has been so longest; null: none is. */
export const oldestAvailable = (workSpecId: string) => `(SELECT o.moment FROM coordinate.work_unit o
      WHERE o.work_spec_id = ${workSpecId} AND o.status = 0 AND ${anyMoment('o')} ORDER BY o.moment LIMIT 1)`;

/** How many units of a spec are available, delayed or pending: it is at rest, as `isAtRest` of hold-back.ts says, where these are 0. */
export const undoneOf = (workSpecId: string) => `(SELECT coalesce(sum(k.available + k.delayed + k.pending), 0)::int8
      FROM coordinate.work_spec_count k WHERE k.work_spec_id = ${workSpecId})`;

/** Whether a worker `w` counts as active at `t.now`, as `isWorkerActive` of worker-rules.ts says. */
export const IS_ACTIVE = 'NOT w.deactivated AND w.expiration > t.now';
