import type { Awaitable } from '../../domain/awaitable.js';
import type { Micros } from '../../domain/time.js';
import { Clock } from '../../domain/time.js';
import type { PostgresStore } from './postgres-store.js';
import { PROBE } from './sql/specs.sql.js';
import { statement } from './wire/statement.js';

/** The database's clock, which all daemons on it share; told without asking it once it has been measured. */
export class PostgresClock extends Clock {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override now(): Awaitable<Micros> {
    return this.store.time.now ?? this.ask();
  }

  private async ask(): Promise<Micros> {
    const [[now]] = await this.store.pool.query(statement(PROBE));
    return Number(now);
  }
}
