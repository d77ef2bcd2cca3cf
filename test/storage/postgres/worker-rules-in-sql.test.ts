import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttemptStatus, ATTEMPT_STATUSES } from '../../../src/domain/attempt.js';
import { isExceeded, type RetentionLimit } from '../../../src/domain/retention.js';
import { ZERO_TIME } from '../../../src/domain/time.js';
import { WORK_UNIT_STATUSES, type WorkUnitStatus } from '../../../src/domain/work-unit.js';
import type { WorkerTimes } from '../../../src/domain/worker-rules.js';
import { deactivateWorker, isBroughtHome, isWorkerActive, mayBeForgotten } from '../../../src/domain/worker-rules.js';
import { EXCEEDING_WORKERS } from '../../../src/storage/postgres/sql/maintenance.sql.js';
import { CLAIMED, CLAIMED_BY_CHILDREN } from '../../../src/storage/postgres/sql/reading.sql.js';
import {
  DEACTIVATE_WORKER,
  DELETE_WORKERS,
  LIST_ACTIVE_WORKERS,
  LIST_WORKERS,
  LOCK_LONG_INACTIVE,
  LOCK_SURPLUS_INACTIVE,
  LOCK_WORKER,
  LOCKED_WORKER,
  WORKER_STATS,
} from '../../../src/storage/postgres/sql/workers.sql.js';
import { byteaColumn } from '../../../src/storage/postgres/wire/columns.js';
import { statement } from '../../../src/storage/postgres/wire/statement.js';
import { DATA, hex, nameOf, NOW, RulesDatabase, RUNS } from './rules-database.js';

/** A worker, and whether it is below another or has an attempt that is pending, at its unit, beside it or in the history of one. */
const WORKER = fc
  .record({
    ago: fc.constantFrom(0, 1, 20, 40),
    lifetime: fc.constantFrom(-5, 0, 1, 20, 40, 60),
    deactivatedAgo: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    reported: fc.boolean(),
    parent: fc.constantFrom(undefined, 'a', 'b', 'elsewhere'),
    work: fc.constantFrom('none', 'pending', 'cleared', 'past pending', 'run out', 'finished'),
  })
  .map(({ ago, lifetime, deactivatedAgo, ...rest }) => {
    const lastUpdate = NOW - ago;
    const expiration = lastUpdate + lifetime;
    const times: WorkerTimes = {
      lastUpdate,
      expiration,
      deactivated: false,
      inactiveAt: Math.max(lastUpdate, expiration),
    };
    if (deactivatedAgo !== undefined) deactivateWorker(times, Math.max(lastUpdate, NOW - deactivatedAgo));
    return { ...rest, times };
  });
type StoredWorker = typeof WORKER extends fc.Arbitrary<infer T> ? T : never;

const WORKERS = fc.array(WORKER, { minLength: 1, maxLength: 10 });
const NAMESPACE = Buffer.alloc(0);
/** A worker that has no record. */
const OTHER = 20;

/** As rules-in-sql.test.ts, of the records of workers. */
describe('a rule of workers that SQL repeats', () => {
  let on: RulesDatabase;

  beforeAll(async () => {
    on = await RulesDatabase.open();
  });
  afterAll(() => on.close());

  async function store(workers: readonly StoredWorker[]): Promise<void> {
    await on.store([]);
    const records = workers.map(({ times, reported, parent }, i) => ({
      namespace_id: on.ids.namespace,
      name: hex(nameOf(i)),
      mode: hex(Buffer.from('m')),
      data: hex(DATA),
      last_update: times.lastUpdate,
      expiration: times.expiration,
      inactive_at: times.inactiveAt,
      deactivated: times.deactivated,
      reported,
      parent: parent === undefined ? null : hex(Buffer.from(parent)),
    }));
    await insert('worker', records);
    const busy = workers.flatMap(({ work }, i) => (work === 'none' ? [] : [{ work, i }]));
    await insert(
      'work_unit',
      busy.map(({ work, i }) => {
        if (work === 'past pending') return unitRow(i, OTHER, 600 + i, 'finished', NOW);
        const row = unitRow(i, i, 100 + i, work === 'finished' ? 'finished' : 'pending', expirationOf(work));
        return work === 'cleared' ? { ...row, status: WORK_UNIT_STATUSES.indexOf('available') } : row;
      }),
    );
    await insert(
      'attempt',
      busy
        .filter(({ work }) => work === 'past pending')
        .map(({ work, i }) => pastRow(i, i, 500 + i, 'pending', expirationOf(work))),
    );
  }

  const expirationOf = (work: StoredWorker['work']): number => (work === 'run out' ? NOW : NOW + 1);

  async function insert(table: string, records: readonly object[]): Promise<void> {
    if (records.length === 0) return;
    await on.database.query(
      `INSERT INTO coordinate.${table} SELECT * FROM json_populate_recordset(NULL::coordinate.${table}, $1)`,
      [JSON.stringify(records)],
    );
  }

  /** The unit i, whose latest attempt is of a worker, and its active one where its status is that of a unit. */
  function unitRow(i: number, worker: number, number: number, status: AttemptStatus, expiration: number) {
    const code = WORK_UNIT_STATUSES.indexOf(status as WorkUnitStatus);
    return {
      work_spec_id: on.ids.spec,
      name: hex(nameOf(i)),
      rank: 0,
      moment: expiration,
      not_before: ZERO_TIME,
      tries: 1,
      attempts: 1,
      status: code < 0 ? WORK_UNIT_STATUSES.indexOf('available') : code,
      late: false,
      failures: 0,
      data: hex(DATA),
      attempt_number: number,
      attempt_worker: hex(nameOf(worker)),
      attempt_start: NOW - 5,
      attempt_end: status === 'pending' ? ZERO_TIME : NOW,
      attempt_expiration: expiration,
      attempt_status: ATTEMPT_STATUSES.indexOf(status),
    };
  }

  function pastRow(unit: number, worker: number, number: number, status: AttemptStatus, expiration: number) {
    return {
      work_spec_id: on.ids.spec,
      work_unit: hex(nameOf(unit)),
      number,
      worker: hex(nameOf(worker)),
      start: NOW - 6,
      end: NOW - 6,
      expiration,
      status: ATTEMPT_STATUSES.indexOf(status),
      data: hex(DATA),
    };
  }

  it('LIST_WORKERS, LIST_ACTIVE_WORKERS, WORKER_STATS: isWorkerActive', async () => {
    await fc.assert(
      fc.asyncProperty(WORKERS, async (workers) => {
        await store(workers);
        const none = Buffer.alloc(0);
        const all = await on.connection.runAlone(statement(LIST_WORKERS, NAMESPACE, false, false, none, 99));
        expect(all.map((row) => row[1] === 't')).toEqual(workers.map(({ times }) => isWorkerActive(times, NOW)));
        const active = workers.flatMap(({ times }, i) => (isWorkerActive(times, NOW) ? [hex(nameOf(i))] : []));
        const listed = await on.connection.runAlone(statement(LIST_ACTIVE_WORKERS, NAMESPACE, false, none, 99));
        expect(listed.map(([name]) => name)).toEqual(active);
        const reporting = workers.filter(({ times, reported }) => reported && isWorkerActive(times, NOW));
        const [stats] = await on.connection.runAlone(statement(WORKER_STATS, NAMESPACE));
        const children = reporting.filter(({ parent }) => parent !== undefined);
        expect(stats.map(Number)).toEqual([reporting.length, children.length]);
      }),
      RUNS,
    );
  });

  it('DEACTIVATE_WORKER: deactivateWorker', async () => {
    await fc.assert(
      fc.asyncProperty(WORKER, async (worker) => {
        await store([worker]);
        expect(await on.connection.runAlone(statement(DEACTIVATE_WORKER, NAMESPACE, nameOf(0)))).toHaveLength(1);
        const [row] = await on.connection.runAlone(statement(LOCK_WORKER, on.ids.namespace, nameOf(0)));
        deactivateWorker(worker.times, NOW);
        const { lastUpdate, expiration, inactiveAt, deactivated } = LOCKED_WORKER;
        expect({
          lastUpdate: Number(row[lastUpdate]),
          expiration: Number(row[expiration]),
          inactiveAt: Number(row[inactiveAt]),
          deactivated: row[deactivated] === 't',
        }).toEqual(worker.times);
      }),
      RUNS,
    );
  });

  it('what retention looks for and removes: isExceeded and mayBeForgotten', async () => {
    const limits = fc.constantFrom<RetentionLimit>(
      { age: 0 },
      { age: 20 },
      { count: 0 },
      { count: 2 },
      { age: 40, count: 3 },
    );
    await fc.assert(
      fc.asyncProperty(WORKERS, limits, async (workers, limit) => {
        await store(workers);
        const isParent = (i: number): boolean => {
          return workers.some(({ parent }) => parent === nameOf(i).latin1Slice());
        };
        const isAtWork = (i: number): boolean => ['pending', 'cleared', 'past pending'].includes(workers[i].work);
        const inactive = workers
          .map(({ times }, i) => ({ since: times.inactiveAt, i }))
          .filter(({ since }) => since <= NOW)
          .sort((a, b) => a.since - b.since || a.i - b.i);
        const { age, count } = limit;
        const exceeding = (only: RetentionLimit): number[] =>
          inactive.flatMap(({ since, i }, at) => (isExceeded(only, since, NOW, inactive.length - at) ? [i] : []));
        const tooMany = count === undefined ? [] : exceeding({ count });
        const tooOld = age === undefined ? [] : exceeding({ age });
        const [found] = await on.connection.runAlone(
          statement(EXCEEDING_WORKERS, count ?? null, age ?? null, 0, 9, NAMESPACE),
        );
        expect([found[1], found[2]]).toEqual([tooMany, tooOld].map(({ length }) => (length > 0 ? 't' : 'f')));
        for (const [looked, choose, bound] of [
          [tooMany, LOCK_SURPLUS_INACTIVE, count],
          [tooOld, LOCK_LONG_INACTIVE, age],
        ] as const) {
          if (bound === undefined) continue;
          const chosen = await on.connection.runAlone(
            statement(choose, on.ids.namespace, bound, Number.MIN_SAFE_INTEGER, Buffer.alloc(0), 99),
          );
          expect(chosen.map(([name, , isLocked]) => [name, isLocked])).toEqual(
            looked.map((i) => [hex(nameOf(i)), mayBeForgotten(isParent(i), () => isAtWork(i)) ? 't' : 'f']),
          );
        }
        const gone = [...new Set([...tooMany, ...tooOld])];
        const deleted = await on.connection.runAlone(
          statement(DELETE_WORKERS, on.ids.namespace, byteaColumn(gone.map(nameOf))),
        );
        expect(deleted).toHaveLength(gone.filter((i) => mayBeForgotten(isParent(i), () => isAtWork(i))).length);
      }),
      RUNS,
    );
  });

  it('CLAIMED_BY_CHILDREN: isWorkerActive, and isBroughtHome of the attempts since', async () => {
    // The child was given the units of its attempts 100 and on; others, or it again, may have had them since.
    const later = fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...ATTEMPT_STATUSES)), { maxLength: 2 });
    const given = fc.array(later, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(WORKER, given, async (worker, units) => {
        await store([{ ...worker, parent: 'b', work: 'none' }]);
        const past: object[] = [];
        const latest: object[] = [];
        units.forEach((attempts, i) => {
          const all = [[true, attempts.length === 0 ? 'pending' : 'expired'] as const, ...attempts];
          all.forEach(([isOwn, status], n) => {
            const [worker, number] = [isOwn ? 0 : OTHER, n === 0 ? 100 + i : 200 + 10 * i + n];
            if (n < all.length - 1) past.push(pastRow(i, worker, number, status, NOW + 9));
            else latest.push(unitRow(i, worker, number, status, NOW + 9));
          });
        });
        await insert('work_unit', latest);
        await insert('attempt', past);
        await on.database.query(
          'UPDATE coordinate.worker SET claim_spec_id = $1, claim_first = 100, claim_last = 150',
          [on.ids.spec],
        );
        const claimed = await on.connection.runAlone(statement(CLAIMED_BY_CHILDREN, NAMESPACE, Buffer.from('b')));
        const open = units.flatMap((attempts, i) => {
          return attempts.some(([isOwn, status]) => isOwn && isBroughtHome(status)) ? [] : [hex(nameOf(i))];
        });
        const expected = !isWorkerActive(worker.times, NOW) ? [] : open.length > 0 ? open : [null];
        expect(claimed.map((row) => row[CLAIMED.attempt]).sort()).toEqual(expected);
      }),
      RUNS,
    );
  });
});
