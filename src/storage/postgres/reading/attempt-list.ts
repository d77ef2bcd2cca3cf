import type { AttemptList, AttemptRecord, AttemptsOf } from '../../../domain/attempt.js';
import { ATTEMPT_STATUSES, isStopped } from '../../../domain/attempt.js';
import type { ByteName } from '../../../domain/names.js';
import { bytesOfName } from '../../../domain/names.js';
import type { PostgresStore } from '../postgres-store.js';
import { LIST_ATTEMPTS_OF, LIST_ATTEMPTS_OF_CHILDREN, READ_LISTED_ATTEMPT } from '../sql/reading.sql.js';
import { recordOf } from '../units/attempt-view.js';
import { nameOfImage, readStoredAttempt } from '../units/unit-image.js';
import { int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import { textOfRow, textParameter } from '../wire/values.js';
import { keepExpired } from './keep-expired.js';

const ALL = ATTEMPT_STATUSES.map((_, code) => code);
const PENDING = [ATTEMPT_STATUSES.indexOf('pending')];
const STATUSES: Readonly<Record<AttemptsOf, readonly number[]>> = {
  all: ALL,
  active: PENDING,
  'of children': PENDING,
  stopped: ATTEMPT_STATUSES.flatMap((status, code) => (isStopped(status) ? [code] : [])),
};

/** A list of the attempts of a worker, each window of which is a query of its own. */
export class PostgresAttemptList implements AttemptList {
  readonly held = 0;

  /** @param after - only attempts of greater numbers */
  constructor(
    private readonly store: PostgresStore,
    private readonly namespace: string,
    private readonly worker: ByteName,
    private readonly which: AttemptsOf,
    private after: number,
  ) {}

  async next(most: number): Promise<AttemptRecord[]> {
    const read: AttemptRecord[] = [];
    for (;;) {
      const asked = most - read.length;
      const found = await this.window(asked);
      for (const attempt of found) {
        this.after = attempt.number;
        // Some may have run out, which the database has not been told yet.
        if (STATUSES[this.which] !== PENDING || attempt.status === 'pending') read.push(attempt);
      }
      if (found.length < asked || read.length === most) return read;
    }
  }

  private async window(most: number): Promise<AttemptRecord[]> {
    const command = this.which === 'of children' ? LIST_ATTEMPTS_OF_CHILDREN : LIST_ATTEMPTS_OF;
    const rows = await this.store.pool.query(
      statement(
        command,
        textParameter(this.namespace),
        bytesOfName(this.worker),
        int8Column(STATUSES[this.which]),
        this.after,
        most,
      ),
    );
    await keepExpired(this.store, rows, READ_LISTED_ATTEMPT);
    return rows.map((row) => {
      const { now, unit, workSpec } = READ_LISTED_ATTEMPT;
      const attempt = readStoredAttempt(row, unit, Number(row[now]))!;
      return recordOf(attempt, textOfRow(row[workSpec]!), nameOfImage(row, unit));
    });
  }
}
