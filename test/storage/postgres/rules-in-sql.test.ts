import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { changeAttempt, giveOut, undoAttempt } from '../../../src/domain/attempt-rules.js';
import { ATTEMPT_STATUSES } from '../../../src/domain/attempt.js';
import { DEFAULT_LIFETIME, ZERO_TIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { WORK_UNIT_STATUSES } from '../../../src/domain/work-unit.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { END_ATTEMPTS, START_ALONE, STARTED } from '../../../src/storage/postgres/sql/straight.sql.js';
import { UNDO_ATTEMPTS } from '../../../src/storage/postgres/sql/undoing.sql.js';
import { IMAGE_COLUMNS, UnitImage } from '../../../src/storage/postgres/units/unit-image.js';
import { byteaColumn, int8Column } from '../../../src/storage/postgres/wire/columns.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import type { Connection } from '../../../src/storage/postgres/wire/connection.js';
import type { Row } from '../../../src/storage/postgres/wire/statement.js';
import { question, statement } from '../../../src/storage/postgres/wire/statement.js';
import type { OpenBackend } from '../../contract/harness.js';
import { openOn } from '../../contract/postgres-harness.js';
import { PlainSpec } from '../../domain/plain-units.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

const NOW = 1_700_000_000_000_000;
const LEASE = 300;
const RUNS = { numRuns: 15 };
const hex = (bytes: Uint8Array): string => `\\x${Buffer.from(bytes).toString('hex')}`;
const DATA = encode({ unit: 1 });

/** A unit with its latest attempt, as a row may have them. */
const UNIT = fc
  .record({
    status: fc.constantFrom(...WORK_UNIT_STATUSES),
    attempt: fc.constantFrom(undefined, ...ATTEMPT_STATUSES),
    late: fc.boolean(),
    priority: fc.integer({ min: -1, max: 1 }),
    notBefore: fc.constantFrom(ZERO_TIME, NOW - 50, NOW, NOW + 50),
    /** How long ago the attempt began, and how much longer its lease is. */
    since: fc.integer({ min: 0, max: 400 }),
    extra: fc.constantFrom(-1, 0, 1, 90),
    tries: fc.nat(3),
    worker: fc.constantFrom('w', 'v'),
    ownData: fc.boolean(),
  })
  .map((unit) => {
    const isIdle = unit.status === 'available' || unit.status === 'delayed';
    const attempt = isIdle ? unit.attempt : (unit.status as (typeof ATTEMPT_STATUSES)[number]);
    const start = NOW - unit.since;
    const expiration = start + LEASE + unit.extra;
    const notBefore = unit.status === 'available' ? Math.min(unit.notBefore, NOW) : unit.notBefore;
    const delayed = Math.max(notBefore, NOW - 50);
    const moments = { available: NOW - 10, delayed, pending: expiration, finished: NOW - 5, failed: NOW - 5 };
    return {
      ...unit,
      attempt,
      start,
      expiration,
      notBefore: unit.status === 'delayed' ? delayed : notBefore,
      moment: moments[unit.status],
      end: attempt === 'pending' ? ZERO_TIME : NOW - 5,
      late: isIdle && attempt === 'expired' && unit.late,
    };
  });
type Unit = typeof UNIT extends fc.Arbitrary<infer T> ? T : never;

/** The statements that do in the database what rules of the domain say, against those rules. */
describe('a rule that SQL repeats for speed', () => {
  let database: TestDatabase;
  let backend: OpenBackend;
  let connection: Connection;
  let ids: { namespace: number; spec: number };

  beforeAll(async () => {
    database = await createDatabase();
    backend = await openOn(database);
    connection = await connect(readPostgresUrl(database.url));
    await backend.setClock(NOW);
    await backend.repositories.specs.set('', defineWorkSpec(encode({ name: 's' })));
    const [row] = await database.query('SELECT namespace_id AS namespace, id AS spec FROM coordinate.work_spec');
    ids = { namespace: Number(row.namespace), spec: Number(row.spec) };
  });
  afterAll(async () => {
    await connection.close();
    await backend.close();
  });

  async function store(units: readonly Unit[]): Promise<void> {
    await database.query('TRUNCATE coordinate.work_unit, coordinate.attempt, coordinate.work_spec_count');
    const rows = units.map((unit, i) => ({
      work_spec_id: ids.spec,
      name: hex(Buffer.of(97 + i)),
      rank: 0 - unit.priority,
      moment: unit.moment,
      not_before: unit.notBefore,
      tries: unit.tries,
      attempts: unit.attempt ? 1 : 0,
      status: WORK_UNIT_STATUSES.indexOf(unit.status),
      late: unit.late,
      data: hex(DATA),
      ...(unit.attempt && {
        attempt_number: i + 1,
        attempt_start: unit.start,
        attempt_end: unit.end,
        attempt_expiration: unit.expiration,
        attempt_status: ATTEMPT_STATUSES.indexOf(unit.attempt),
        attempt_worker: hex(Buffer.from(unit.worker)),
        attempt_data: unit.ownData ? hex(encode({ own: i })) : null,
      }),
    }));
    await database.query(
      'INSERT INTO coordinate.work_unit SELECT * FROM json_populate_recordset(NULL::coordinate.work_unit, $1)',
      [JSON.stringify(rows)],
    );
    await database.query(
      `INSERT INTO coordinate.work_spec_count SELECT work_spec_id, 0, count(*) FILTER (WHERE status = 0),
        count(*) FILTER (WHERE status = 1), count(*) FILTER (WHERE status = 2), count(*) FILTER (WHERE status = 3),
        count(*) FILTER (WHERE status = 4), 0 FROM coordinate.work_unit GROUP BY work_spec_id`,
    );
  }

  const rows = (): Promise<Row[]> =>
    connection.runAlone(
      statement(question(`SELECT ${IMAGE_COLUMNS}, u.attempt_data FROM coordinate.work_unit u ORDER BY u.name`)),
    );
  const imageOf = (row: Row): UnitImage => UnitImage.read(ids.spec, row, 0, NOW);
  const shown = ({ status, moment, notBefore, rank, tries, attempts, latest }: UnitImage) => {
    const attempt = latest && {
      number: latest.number,
      worker: latest.worker,
      start: latest.start,
      end: latest.end,
      expiration: latest.expiration,
      status: latest.status,
      late: latest.late,
    };
    return { status, moment, notBefore, rank, tries, attempts, attempt };
  };
  /** The counters, and what the rows say. */
  const counted = async () => {
    const [all] = await database.query(`SELECT
      (SELECT json_build_array(sum(available), sum(delayed), sum(pending), sum(finished), sum(failed))
        FROM coordinate.work_spec_count) AS counters,
      (SELECT json_agg((SELECT count(*) FROM coordinate.work_unit WHERE status = s)) FROM generate_series(0, 4) s) AS counts`);
    return [all.counters, all.counts] as unknown[];
  };

  it('END_ATTEMPTS: finish and fail of changeAttempt, of attempts that are pending and meant', async () => {
    const ends = fc.array(
      fc.tuple(
        UNIT,
        fc.constantFrom('finished', 'failed'),
        fc.boolean(),
        fc.constantFrom(undefined, 'w', 'number', 'other'),
      ),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(ends, async (asked) => {
        await store(asked.map(([unit]) => unit));
        const before = await rows();
        const own = encode({ new: 1 });
        const done = await connection.runAlone(
          statement(
            END_ATTEMPTS,
            int8Column([ids.spec]),
            int8Column([1]),
            int8Column(asked.map(() => ids.spec)),
            byteaColumn(asked.map((_, i) => Buffer.of(97 + i))),
            int8Column(asked.map(([, status]) => WORK_UNIT_STATUSES.indexOf(status as 'finished'))),
            byteaColumn(asked.map(([, , , who]) => (who === 'w' ? who : null))),
            int8Column(asked.map(([, , , who], i) => (who === 'number' ? i + 1 : who === 'other' ? 999 : null))),
            int8Column(asked.map(([{ start }, , , who]) => (who === 'number' || who === 'other' ? start : null))),
            byteaColumn(asked.map(([, , hasData]) => (hasData ? own : null))),
            0,
          ),
        );
        const after = await rows();
        const taken = new Set(done.map(([ordinal]) => Number(ordinal) - 1));
        asked.forEach(([unit, status, hasData, who], i) => {
          const image = imageOf(before[i]);
          const isMeant = who !== 'other' && (who !== 'w' || unit.worker === 'w');
          expect(taken.has(i)).toBe(image.status === 'pending' && isMeant);
          if (!taken.has(i)) {
            expect(after[i]).toEqual(before[i]);
            return;
          }
          const action = status === 'finished' ? 'finish' : 'fail';
          const details = { data: hasData ? own : undefined };
          expect(changeAttempt(image, image.latest!, true, action, details, new PlainSpec(), NOW)).toBeUndefined();
          expect(shown(imageOf(after[i]))).toEqual(shown(image));
          expect(after[i].at(-1)).toBe(hasData ? hex(own) : before[i].at(-1));
        });
        const [counters, counts] = await counted();
        expect(counters).toEqual(counts);
      }),
      RUNS,
    );
  });

  it('START_ALONE: giveOut, of the first available units, and what was before them as the history shows it', async () => {
    const units = fc.array(UNIT, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(units, fc.integer({ min: 1, max: 4 }), async (given, many) => {
        // Where something is due, the statement does nothing: that is for the general way.
        const some = given.filter(
          ({ status, moment }) => status !== 'delayed' && (status !== 'pending' || moment > NOW),
        );
        await store(some);
        const before = await rows();
        const started = await connection.runAlone(
          statement(
            START_ALONE,
            ids.namespace,
            int8Column([ids.spec]),
            int8Column([1]),
            ids.spec,
            int8Column([]),
            -1,
            null,
            null,
            byteaColumn(Array.from({ length: many }, () => Buffer.from('n'))),
            int8Column(Array.from({ length: many }, () => LEASE)),
            0,
            DEFAULT_LIFETIME,
            Number.MAX_SAFE_INTEGER,
            0,
          ),
        );
        const first = before
          .map(imageOf)
          .filter(({ status }) => status === 'available')
          .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
          .slice(0, many);
        const attempts = started.slice(1).sort((a, b) => Number(a[STARTED.ordinal]) - Number(b[STARTED.ordinal]));
        expect(attempts.map((row) => row[STARTED.name])).toEqual(first.map(({ name }) => hex(Buffer.from(name))));
        const after = new Map((await rows()).map((row) => [row[0], row]));
        const history = await database.query('SELECT number, status, "end" FROM coordinate.attempt');
        first.forEach((image, at) => {
          expect(Number(attempts[at][STARTED.since])).toBe(image.moment);
          const { latest: former } = image;
          expect(giveOut(image, 'n', Number(attempts[at][STARTED.number]), LEASE, 0, NOW)).toBe(true);
          const row = after.get(attempts[at][STARTED.name])!;
          expect(shown(imageOf(row))).toEqual(shown(image));
          expect(row.at(-1)).toBeNull();
          if (!former) return;
          const kept = history.find(({ number }) => Number(number) === former.number)!;
          expect([ATTEMPT_STATUSES[kept.status as number], Number(kept.end)]).toEqual([former.status, former.end]);
        });
        for (const row of before) {
          if (!first.some(({ name }) => hex(Buffer.from(name)) === row[0])) expect(after.get(row[0])).toEqual(row);
        }
        const [counters, counts] = await counted();
        expect(counters).toEqual(some.length === 0 ? expect.anything() : counts);
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
        await store(known.map(({ unit }) => unit));
        for (const [i, { before }] of known.entries()) {
          if (!before) continue;
          await database.query(
            `INSERT INTO coordinate.attempt (work_spec_id, work_unit, number, worker, start, "end", expiration, status, data)
              VALUES ($1, $2, 0, 'f', 1, 2, 3, $3, $4)`,
            [ids.spec, Buffer.of(97 + i), ATTEMPT_STATUSES.indexOf(before), DATA],
          );
          await database.query('UPDATE coordinate.work_unit SET attempts = 2 WHERE name = $1', [Buffer.of(97 + i)]);
        }
        const rowsBefore = await rows();
        await connection.runAlone(
          statement(
            UNDO_ATTEMPTS,
            Buffer.alloc(0),
            Buffer.from('s'),
            byteaColumn(known.map((_, i) => Buffer.of(97 + i))),
            int8Column(known.map(({ isMeant }, i) => (isMeant ? i + 1 : 999))),
            0,
          ),
        );
        const after = await rows();
        known.forEach(({ before, isMeant }, i) => {
          const image = imageOf(rowsBefore[i]);
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
          expect(shown(imageOf(after[i]))).toEqual({ ...shown(image), attempt });
        });
        const [counters, counts] = await counted();
        expect(counters).toEqual(counts);
      }),
      RUNS,
    );
  });
});
