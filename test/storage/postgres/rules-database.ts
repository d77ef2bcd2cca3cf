import fc from 'fast-check';
import { encode } from '../../../src/cbor/index.js';
import { ATTEMPT_STATUSES } from '../../../src/domain/attempt.js';
import { ZERO_TIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { WORK_UNIT_STATUSES } from '../../../src/domain/work-unit.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { IMAGE_COLUMNS, UnitImage } from '../../../src/storage/postgres/units/unit-image.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import type { Connection } from '../../../src/storage/postgres/wire/connection.js';
import type { Row } from '../../../src/storage/postgres/wire/statement.js';
import { question, statement } from '../../../src/storage/postgres/wire/statement.js';
import type { OpenBackend } from '../../contract/harness.js';
import { openOn } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

// What the tests have in common that hold statements to the rules of the domain that they repeat: rows of any kind, in a
// database whose clock stands still.

export const NOW = 1_700_000_000_000_000;
export const LEASE = 300;
export const RUNS = { numRuns: 15 };
export const DATA = encode({ unit: 1 });

export const hex = (bytes: Uint8Array): string => `\\x${Buffer.from(bytes).toString('hex')}`;
/** The name of the unit in the i-th row. */
export const nameOf = (i: number): Buffer => Buffer.of(97 + i);

/** A unit with its latest attempt, as a row may have them. */
export const UNIT = fc
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
export type StoredUnit = typeof UNIT extends fc.Arbitrary<infer T> ? T : never;

/** One work spec, `s`, in a database of its own. */
export class RulesDatabase {
  private constructor(
    readonly database: TestDatabase,
    readonly backend: OpenBackend,
    readonly connection: Connection,
    readonly ids: { readonly namespace: number; readonly spec: number },
  ) {}

  static async open(): Promise<RulesDatabase> {
    const database = await createDatabase();
    const backend = await openOn(database);
    const connection = await connect(readPostgresUrl(database.url));
    await backend.setClock(NOW);
    await backend.repositories.specs.set('', defineWorkSpec(encode({ name: 's' })));
    const [row] = await database.query('SELECT namespace_id AS namespace, id AS spec FROM coordinate.work_spec');
    return new RulesDatabase(database, backend, connection, {
      namespace: Number(row.namespace),
      spec: Number(row.spec),
    });
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.backend.close();
  }

  /** Puts these in place of all units and their histories; there are no workers then. */
  async store(units: readonly StoredUnit[], data: (i: number) => Uint8Array = () => DATA): Promise<void> {
    await this.database.query(
      'TRUNCATE coordinate.work_unit, coordinate.attempt, coordinate.work_spec_count, coordinate.work_spec_cause, coordinate.worker',
    );
    const rows = units.map((unit, i) => ({
      work_spec_id: this.ids.spec,
      name: hex(nameOf(i)),
      rank: 0 - unit.priority,
      moment: unit.moment,
      not_before: unit.notBefore,
      tries: unit.tries,
      failures: 0,
      attempts: unit.attempt ? 1 : 0,
      status: WORK_UNIT_STATUSES.indexOf(unit.status),
      late: unit.late,
      data: hex(data(i)),
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
    await this.database.query(
      'INSERT INTO coordinate.work_unit SELECT * FROM json_populate_recordset(NULL::coordinate.work_unit, $1)',
      [JSON.stringify(rows)],
    );
    await this.database.query(
      `INSERT INTO coordinate.work_spec_count SELECT work_spec_id, 0, count(*) FILTER (WHERE status = 0),
        count(*) FILTER (WHERE status = 1), count(*) FILTER (WHERE status = 2), count(*) FILTER (WHERE status = 3),
        count(*) FILTER (WHERE status = 4), 0 FROM coordinate.work_unit GROUP BY work_spec_id`,
    );
  }

  /** The columns of a UnitImage and the attempt's own data, in the order of the units' names. */
  rows(): Promise<Row[]> {
    return this.connection.runAlone(
      statement(question(`SELECT ${IMAGE_COLUMNS}, u.attempt_data FROM coordinate.work_unit u ORDER BY u.name`)),
    );
  }

  imageOf(row: Row): UnitImage {
    return UnitImage.read(this.ids.spec, row, 0, NOW);
  }

  /** The counters, and what the rows say. */
  async counted(): Promise<unknown[]> {
    const [all] = await this.database.query(`SELECT
      (SELECT json_build_array(sum(available), sum(delayed), sum(pending), sum(finished), sum(failed))
        FROM coordinate.work_spec_count) AS counters,
      (SELECT json_agg((SELECT count(*) FROM coordinate.work_unit WHERE status = s)) FROM generate_series(0, 4) s) AS counts`);
    return [all.counters, all.counts];
  }
}

/** What of a unit the rules change. */
export const shown = ({ status, moment, notBefore, rank, tries, attempts, latest }: UnitImage) => {
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
