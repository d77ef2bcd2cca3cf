import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RetentionLimit, isExceeded } from '../../../src/domain/retention.js';
import { WORK_UNIT_STATUSES } from '../../../src/domain/work-unit.js';
import { EXCEEDING, EXCEEDING_IN, LOCK_EXCESS, LOCK_OLD } from '../../../src/storage/postgres/sql/maintenance.sql.js';
import type { UnitImage } from '../../../src/storage/postgres/units/unit-image.js';
import { statement } from '../../../src/storage/postgres/wire/statement.js';
import { hex, NOW, RulesDatabase, RUNS, UNIT } from './rules-database.js';

const LIMIT = fc.record(
  { age: fc.constantFrom(0, 5, 6, 20), count: fc.nat(3) },
  { requiredKeys: [] },
) satisfies fc.Arbitrary<RetentionLimit>;

/** As rules-in-sql.test.ts, of units that have ended. */
describe('a rule of retention that SQL repeats', () => {
  let on: RulesDatabase;

  beforeAll(async () => {
    on = await RulesDatabase.open();
  });
  afterAll(() => on.close());

  /** Those that a limit no longer keeps, the oldest first, as they go one after another. */
  function exceeding(ended: readonly UnitImage[], limit: RetentionLimit): UnitImage[] {
    const sorted = [...ended].sort((a, b) => a.moment - b.moment);
    return sorted.filter(({ moment }, at) => isExceeded(limit, moment, NOW, sorted.length - at));
  }

  it('EXCEEDING, EXCEEDING_IN, LOCK_EXCESS, LOCK_OLD: isExceeded', async () => {
    // Moments that differ, so that it is plain which is the oldest.
    const units = fc.array(UNIT, { maxLength: 12 }).map((some) => {
      return some.map((unit, i) => ({ ...unit, moment: unit.moment - (unit.status === 'pending' ? 0 : i) }));
    });
    await fc.assert(
      fc.asyncProperty(units, LIMIT, LIMIT, async (given, finished, failed) => {
        await on.store(given);
        const images = (await on.rows()).map((row) => on.imageOf(row));
        const ended = (status: 'finished' | 'failed') => images.filter((image) => image.status === status);
        const expected = [
          exceeding(ended('finished'), finished).length > 0 ? 't' : 'f',
          exceeding(ended('failed'), failed).length > 0 ? 't' : 'f',
        ];
        const limits = [finished.count, finished.age, failed.count, failed.age].map((limit) => limit ?? null);
        const [everywhere] = await on.connection.runAlone(statement(EXCEEDING, ...limits, 0, 9));
        const [here] = await on.connection.runAlone(
          statement(EXCEEDING_IN, ...limits, Buffer.alloc(0), Buffer.alloc(0), 9, null),
        );
        expect([everywhere.slice(3), here.slice(3)]).toEqual([expected, expected]);
        for (const [status, { age, count }] of [
          ['finished', finished],
          ['failed', failed],
        ] as const) {
          const code = WORK_UNIT_STATUSES.indexOf(status);
          for (const [only, choose, bound] of [
            [{ count }, LOCK_EXCESS, count],
            [{ age }, LOCK_OLD, age === undefined ? undefined : NOW - age],
          ] as const) {
            if (bound === undefined) continue;
            const locked = await on.connection.runAlone(statement(choose, on.ids.spec, code, bound, 99));
            const names = exceeding(ended(status), only).map(({ name }) => hex(Buffer.from(name)));
            expect(locked.map(([name]) => name).sort()).toEqual(names.sort());
          }
        }
      }),
      RUNS,
    );
  });
});
