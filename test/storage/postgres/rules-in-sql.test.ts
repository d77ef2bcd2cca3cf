import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { changeAttempt, giveOut, undoAttempt } from '../../../src/domain/attempt-rules.js';
import { ATTEMPT_STATUSES } from '../../../src/domain/attempt.js';
import { bytesBesideData, fitsIn } from '../../../src/domain/claim-rules.js';
import { causeNumber, failureCause } from '../../../src/domain/cause.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { newWorkerTimes } from '../../../src/domain/worker-rules.js';
import { WORK_UNIT_STATUSES } from '../../../src/domain/work-unit.js';
import { isDue } from '../../../src/storage/postgres/sql/conditions.js';
import {
  END_ATTEMPTS,
  END_FAILING,
  ENDED,
  START_ALONE,
  START_FOR_ONE,
  START_WITHIN_BYTES,
} from '../../../src/storage/postgres/sql/straight.sql.js';
import { UNDO_ATTEMPTS } from '../../../src/storage/postgres/sql/undoing.sql.js';
import { CLAIMABLE, LOCK_CLAIMABLE } from '../../../src/storage/postgres/sql/units.sql.js';
import { LOCK_WORKER } from '../../../src/storage/postgres/sql/workers.sql.js';
import { dataOf, UNKNOWN_NUMBER, UnitImage } from '../../../src/storage/postgres/units/unit-image.js';
import { byteaColumn, int8Column, tidColumn } from '../../../src/storage/postgres/wire/columns.js';
import { byteNamesOf, numbersOf, placesOf, textParameter } from '../../../src/storage/postgres/wire/values.js';
import { readStarted, type Started } from '../../../src/storage/postgres/batches/started.js';
import { question, type Sql, statement } from '../../../src/storage/postgres/wire/statement.js';
import { PlainSpec } from '../../domain/plain-units.js';
import { DATA, hex, LEASE, nameOf, NOW, RulesDatabase, RUNS, shown, type StoredUnit, UNIT } from './rules-database.js';

/** What the counters of causes say. */
async function causesOf(on: RulesDatabase): Promise<string[]> {
  const rows = await on.database.query(
    `SELECT convert_from(min(text), 'UTF8') AS cause, sum(units) AS units FROM coordinate.work_spec_cause GROUP BY work_spec_id, cause`,
  );
  return rows.map(({ cause, units }) => `${String(cause)}: ${String(units)}`).sort();
}

/** The statements that do in the database what rules of the domain say, against those rules. */
describe('a rule that SQL repeats for speed', () => {
  let on: RulesDatabase;

  beforeAll(async () => {
    on = await RulesDatabase.open();
  });
  afterAll(() => on.close());

  it('END_ATTEMPTS and END_FAILING: finish and fail of changeAttempt, of attempts that are pending and meant', async () => {
    const ends = fc.array(
      fc.tuple(
        UNIT,
        fc.constantFrom('finished', 'failed'),
        fc.boolean(),
        fc.constantFrom(undefined, 'w', 'number', 'other'),
        fc.constantFrom('unknown', 'right', 'wrong'),
      ),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(ends, fc.boolean(), async (asked, withCauses) => {
        await on.store(asked.map(([unit]) => unit));
        const before = await on.rows();
        const stored = await on.database.query('SELECT ctid::text AS place FROM coordinate.work_unit ORDER BY name');
        const rights = stored.map(({ place }) => placesOf(place as string)[0]);
        const places = asked.map(([, , , , where], i) => {
          if (where === 'unknown') return undefined;
          return where === 'right' ? rights[i] : (rights[i + 1] ?? rights[0] + 1000);
        });
        const own = encode({ new: 1, traceback: 'x 7' });
        // Of what fails without data nothing is known.
        const causes = asked.map(([, status, hasData]) => {
          return status === 'failed' ? failureCause({ data: hasData ? own : undefined }) : null;
        });
        const [done] = await on.connection.runAlone(
          statement(
            withCauses ? END_FAILING : END_ATTEMPTS,
            int8Column([on.ids.spec]),
            int8Column([1]),
            int8Column(asked.map(() => on.ids.spec)),
            byteaColumn(asked.map((_, i) => nameOf(i))),
            int8Column(asked.map(([, status]) => WORK_UNIT_STATUSES.indexOf(status as 'finished'))),
            byteaColumn(asked.map(([, , , who]) => (who === 'w' ? who : null))),
            int8Column(asked.map(([, , , who], i) => (who === 'number' ? i + 1 : who === 'other' ? 999 : null))),
            int8Column(asked.map(([{ start }, , , who]) => (who === 'number' || who === 'other' ? start : null))),
            byteaColumn(asked.map(([, , hasData]) => (hasData ? own : null))),
            0,
            tidColumn(places),
            ...(withCauses
              ? [
                  int8Column(causes.map((cause) => (cause === null ? null : causeNumber(cause)))),
                  byteaColumn(causes.map((cause) => (cause === null ? null : textParameter(cause)))),
                ]
              : []),
          ),
        );
        const after = await on.rows();
        const ordinals = numbersOf(done[ENDED.ordinals]);
        const taken = new Set(ordinals.map((ordinal) => ordinal - 1));
        const latest = ordinals.map((ordinal) => on.imageOf(before[ordinal - 1]).latest!);
        const given = ordinals.map((ordinal) => asked[ordinal - 1][3]);
        expect(numbersOf(done[ENDED.expirations])).toEqual(latest.map(({ expiration }) => expiration));
        expect(numbersOf(done[ENDED.starts])).toEqual(
          latest.flatMap(({ start }, i) => (given[i] === undefined || given[i] === 'w' ? [start] : [])),
        );
        expect(byteNamesOf(done[ENDED.workers])).toEqual(
          latest.flatMap(({ worker }, i) => (given[i] === 'w' ? [] : [worker])),
        );
        asked.forEach(([unit, status, hasData, who, where], i) => {
          const image = on.imageOf(before[i]);
          const isMeant = who !== 'other' && (who !== 'w' || unit.worker === 'w');
          expect(taken.has(i)).toBe(image.status === 'pending' && isMeant && where !== 'wrong');
          if (!taken.has(i)) {
            expect(after[i]).toEqual(before[i]);
            return;
          }
          const action = status === 'finished' ? 'finish' : 'fail';
          const details = { data: hasData ? own : undefined };
          expect(changeAttempt(image, image.latest!, true, action, details, new PlainSpec(), NOW)).toBeUndefined();
          expect(shown(on.imageOf(after[i]))).toEqual(shown(image));
          expect(after[i].at(-1)).toBe(hasData ? hex(own) : before[i].at(-1));
          const { newCause } = image;
          expect(newCause).toBe(causes[i] ?? undefined);
          const known = newCause !== undefined && withCauses ? causeNumber(newCause) : UNKNOWN_NUMBER;
          expect(on.imageOf(after[i]).cause).toBe(newCause === undefined ? undefined : known);
        });
        const failed = asked.flatMap((_, i) => (taken.has(i) && withCauses ? (causes[i] ?? []) : []));
        expect(await causesOf(on)).toEqual(
          [...new Set(failed)].sort().map((cause) => `${cause}: ${failed.filter((each) => each === cause).length}`),
        );
        const [counters, counts] = await on.counted();
        expect(counters).toEqual(counts);
      }),
      RUNS,
    );
  });

  /** So many claims of one unit each by one statement, or one claim of so many. @param most - bytes of all, each of which counts `beside` besides its own */
  const start = async (sql: Sql, many: number, most: number, beside: number): Promise<Started[]> => {
    const isOne = sql === START_FOR_ONE;
    const rows = await on.connection.runAlone(
      statement(
        sql,
        on.ids.namespace,
        int8Column([on.ids.spec]),
        int8Column([1]),
        on.ids.spec,
        int8Column([]),
        -1,
        null,
        null,
        isOne ? Buffer.from('n') : byteaColumn(Array.from({ length: many }, () => Buffer.from('n'))),
        isOne ? LEASE : int8Column(Array.from({ length: many }, () => LEASE)),
        0,
        DEFAULT_LIFETIME,
        most,
        beside,
        ...(isOne ? [many] : []),
      ),
    );
    return rows.flatMap(readStarted);
  };

  it.each([
    ['START_ALONE', START_ALONE],
    ['START_FOR_ONE', START_FOR_ONE],
  ])('%s: giveOut, of the first available units, and what was before them as the history shows it', async (_, sql) => {
    const units = fc.array(UNIT, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(units, fc.integer({ min: 1, max: 4 }), async (given, many) => {
        // Where something is due, the statement does nothing: that is for the general way.
        const some = given.filter(
          ({ status, moment }) => status !== 'delayed' && (status !== 'pending' || moment > NOW),
        );
        await on.store(some);
        const before = await on.rows();
        const attempts = await start(sql, many, Number.MAX_SAFE_INTEGER, 0);
        const first = before
          .map((row) => on.imageOf(row))
          .filter(({ status }) => status === 'available')
          .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
          .slice(0, many);
        expect(attempts.map(({ name }) => name)).toEqual(first.map(({ name }) => name));
        const numbers = attempts.map(({ number }) => number);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(attempts.map(({ ordinal }) => ordinal)).toEqual(
          sql === START_FOR_ONE ? numbers : first.map((_, i) => i + 1),
        );
        const after = new Map((await on.rows()).map((row) => [row[0], row]));
        const history = await on.database.query('SELECT number, status, "end" FROM coordinate.attempt');
        first.forEach((image, at) => {
          expect(attempts[at].since).toBe(image.moment);
          const { latest: former } = image;
          expect(giveOut(image, 'n', attempts[at].number, LEASE, 0, NOW)).toBe(true);
          const row = after.get(hex(Buffer.from(image.name, 'latin1')))!;
          expect(shown(on.imageOf(row))).toEqual(shown(image));
          expect(row.at(-1)).toBeNull();
          if (!former) return;
          const kept = history.find(({ number }) => Number(number) === former.number)!;
          expect([ATTEMPT_STATUSES[kept.status as number], Number(kept.end)]).toEqual([former.status, former.end]);
        });
        for (const row of before) {
          if (!first.some(({ name }) => hex(Buffer.from(name)) === row[0])) expect(after.get(row[0])).toEqual(row);
        }
        const [counters, counts] = await on.counted();
        expect(counters).toEqual(some.length === 0 ? expect.anything() : counts);
        const worker = await on.connection.runAlone(statement(LOCK_WORKER, on.ids.namespace, Buffer.from('n')));
        const { lastUpdate, expiration, inactiveAt, deactivated } = newWorkerTimes(NOW, true);
        const times = [lastUpdate, expiration, inactiveAt].map(String);
        expect(worker[0].slice(1, 5)).toEqual(
          first.length === 0 ? [null, null, null, null] : [...times, deactivated ? 't' : 'f'],
        );
      }),
      RUNS,
    );
  });

  /** The first units of which a claim takes no more than fit, of those that are available, as the domain says. */
  const fitting = (units: readonly UnitImage[], sizes: ReadonlyMap<string, number>, most: number): UnitImage[] => {
    let left = most;
    const taken: UnitImage[] = [];
    for (const unit of units) {
      const bytes = sizes.get(unit.name)! + unit.name.length + bytesBesideData('s');
      if (!fitsIn(left, bytes, taken.length === 0)) break;
      left -= bytes;
      taken.push(unit);
    }
    return taken;
  };
  const SIZED = fc.array(fc.tuple(UNIT, fc.nat(60)), { minLength: 1, maxLength: 12 });
  const padded = (bytes: number): Buffer => encode({ unit: 'x'.repeat(bytes) });
  /** Puts units of many sizes there. @returns the available ones in the order in which they are claimed, and their sizes */
  async function storeSized(given: readonly (readonly [StoredUnit, number])[]) {
    const some = given.filter(([{ status, moment }]) => {
      return status !== 'delayed' && (status !== 'pending' || moment > NOW);
    });
    await on.store(
      some.map(([unit]) => unit),
      (i) => padded(some[i][1]),
    );
    const available = (await on.rows())
      .map((row) => on.imageOf(row))
      .filter(({ status }) => status === 'available')
      .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
    const sizes = new Map(some.map(([, bytes], i) => [nameOf(i).latin1Slice(), padded(bytes).length]));
    return { available, sizes };
  }

  it('START_WITHIN_BYTES and START_FOR_ONE: fitsIn, of the first available units; START_ALONE where all of them fit, or else the first alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        SIZED,
        fc.integer({ min: 2, max: 6 }),
        fc.nat(400),
        fc.constantFrom(START_WITHIN_BYTES, START_FOR_ONE, START_ALONE),
        async (given, many, most, sql) => {
          const isBounded = sql !== START_ALONE;
          const { available, sizes } = await storeSized(given);
          const started = await start(sql, many, most, bytesBesideData('s'));
          const asked = available.slice(0, many);
          const fit = fitting(asked, sizes, most);
          const expected = isBounded || fit.length === asked.length ? fit : fit.slice(0, 1);
          expect(started.map(({ name }) => name).sort()).toEqual(expected.map(({ name }) => name).sort());
          for (const { name, data } of started) expect(data).toHaveLength(sizes.get(name)!);
          const pending = (await on.rows()).filter((row) => on.imageOf(row).latest?.worker === 'n');
          expect(pending).toHaveLength(expected.length);
        },
      ),
      RUNS,
    );
  });

  it('LOCK_CLAIMABLE: fitsIn, of the first available units, and what giveOut wants of those that have been tried too often', async () => {
    await fc.assert(
      fc.asyncProperty(
        SIZED,
        fc.integer({ min: 1, max: 6 }),
        fc.option(fc.nat(400), { nil: null }),
        fc.nat(3),
        async (given, many, most, maxRetries) => {
          const { available, sizes } = await storeSized(given);
          const locked = await on.connection.runAlone(
            statement(
              LOCK_CLAIMABLE,
              on.ids.spec,
              '-Infinity',
              Buffer.alloc(0),
              many,
              most,
              bytesBesideData('s'),
              maxRetries,
            ),
          );
          const asked = available.slice(0, many);
          expect(locked.map((row) => row[CLAIMABLE.unit])).toEqual(
            fitting(asked, sizes, most ?? Infinity).map(({ name }) => hex(Buffer.from(name))),
          );
          for (const row of locked) {
            expect(Number(row[CLAIMABLE.locked])).toBe(asked.length);
            const unit = UnitImage.read(on.ids.spec, row, CLAIMABLE.unit, NOW);
            const data = row[CLAIMABLE.lastData];
            // A unit that has been tried has a latest attempt, of which giveOut reads the data.
            if (!unit.latest) continue;
            unit.latest.shownData = dataOf(data);
            const isWanted = maxRetries > 0 && unit.tries >= maxRetries;
            expect(data !== null).toBe(isWanted);
            expect(giveOut(unit, 'n', 999, LEASE, maxRetries, NOW)).toBe(!isWanted);
          }
        },
      ),
      RUNS,
    );
  });

  it('isDue: settle, of whether it would change any unit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(UNIT, { maxLength: 3 }), async (units) => {
        await on.store(units);
        const stored = await on.rows();
        const [[due]] = await on.connection.runAlone(
          statement(question(`SELECT ${isDue('$1::int8', '$2::int8')}`), on.ids.spec, NOW),
        );
        const settles = stored.some((row, i) => on.imageOf(row).status !== units[i].status);
        expect(due === 't').toBe(settles);
      }),
      RUNS,
    );
  });

  it('UNDO_ATTEMPTS: undoAttempt, of attempts that are pending', async () => {
    const former = fc.option(fc.constantFrom('expired', 'finished', 'failed', 'retryable'), { nil: undefined });
    const units = fc.array(fc.tuple(UNIT, former, fc.boolean()), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(units, async (given) => {
        const known = given.map(([unit, before, isMeant]) => ({ unit, before: unit.attempt && before, isMeant }));
        await on.store(known.map(({ unit }) => unit));
        for (const [i, { before }] of known.entries()) {
          if (!before) continue;
          await on.database.query(
            `INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
              VALUES ($1, $2, 0, 'f', 1, 2, 3, $3, $4)`,
            [on.ids.spec, nameOf(i), ATTEMPT_STATUSES.indexOf(before), DATA],
          );
          await on.database.query('UPDATE coordinate.work_unit SET attempts = 2 WHERE name = $1', [nameOf(i)]);
        }
        const rowsBefore = await on.rows();
        await on.connection.runAlone(
          statement(
            UNDO_ATTEMPTS,
            Buffer.alloc(0),
            Buffer.from('s'),
            byteaColumn(known.map((_, i) => nameOf(i))),
            int8Column(known.map(({ isMeant }, i) => (isMeant ? i + 1 : 999))),
            0,
          ),
        );
        const after = await on.rows();
        known.forEach(({ before, isMeant }, i) => {
          const image = on.imageOf(rowsBefore[i]);
          const wasPending = image.status === 'pending';
          const forgetLatest = (): void => {
            image.attempts--;
            image.latest = undefined;
          };
          undoAttempt(Object.assign(image, { forgetLatest }), isMeant ? i + 1 : 999, NOW);
          if (!wasPending || !isMeant) {
            expect(after[i]).toEqual(rowsBefore[i]);
            return;
          }
          const attempt = before && {
            number: 0,
            worker: 'f',
            start: 1,
            end: 2,
            expiration: 3,
            status: before,
            late: false,
          };
          expect(shown(on.imageOf(after[i]))).toEqual({ ...shown(image), attempt });
        });
        const [counters, counts] = await on.counted();
        expect(counters).toEqual(counts);
      }),
      RUNS,
    );
  });
});
