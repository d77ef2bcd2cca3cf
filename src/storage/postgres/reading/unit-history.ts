import type { AttemptList, AttemptRecord } from '../../../domain/attempt.js';
import { NoSuchWorkUnitError } from '../../../domain/errors.js';
import type { ByteName } from '../../../domain/names.js';
import { bytesOfName } from '../../../domain/names.js';
import type { PostgresStore } from '../postgres-store.js';
import { rowOfSpec } from '../postgres-store.js';
import { READ_ATTEMPT, UNIT_HISTORY } from '../sql/reading.sql.js';
import { recordOf } from '../units/attempt-view.js';
import { isOfUnit, readStoredAttempt } from '../units/unit-image.js';
import type { Row } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { textParameter } from '../wire/values.js';
import { keepExpired } from './keep-expired.js';

const isUnit = (row: Row): boolean => isOfUnit(row, READ_ATTEMPT.unit);
/** Whether it is a row of a unit or of an attempt, rather than one of nulls. */
const isAttempt = (row: Row): boolean => row[READ_ATTEMPT.unit] !== null;

/** The attempts at a unit, each window of which is a query of its own. */
export class PostgresUnitHistory implements AttemptList {
  readonly held = 0;

  /** @param after - only attempts of greater numbers */
  constructor(
    private readonly store: PostgresStore,
    private readonly namespace: string,
    private readonly workSpec: string,
    private readonly workUnit: ByteName,
    private after: number,
  ) {}

  /** @throws NoSuchWorkSpecError, NoSuchWorkUnitError */
  async open(): Promise<this> {
    const rows = await this.window(0);
    rowOfSpec(rows, this.workSpec);
    if (!rows.some(isUnit)) throw new NoSuchWorkUnitError(this.workUnit);
    return this;
  }

  /** Of a unit that has gone meanwhile there are no more. */
  async next(most: number): Promise<AttemptRecord[]> {
    const rows = await this.window(most);
    await keepExpired(this.store, rows, READ_ATTEMPT);
    const attempts = rows
      .filter(isAttempt)
      .flatMap((row) => readStoredAttempt(row, READ_ATTEMPT.unit, Number(row[READ_ATTEMPT.now])) ?? [])
      .filter(({ number }) => number > this.after)
      .sort((a, b) => a.number - b.number)
      .slice(0, most)
      .map((attempt) => recordOf(attempt, this.workSpec, this.workUnit));
    this.after = attempts.at(-1)?.number ?? this.after;
    return attempts;
  }

  private window(most: number): Promise<Row[]> {
    return this.store.pool.query(
      statement(
        UNIT_HISTORY,
        textParameter(this.namespace),
        textParameter(this.workSpec),
        bytesOfName(this.workUnit),
        this.after,
        most,
      ),
    );
  }
}
