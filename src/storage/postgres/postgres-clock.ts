import type { Micros } from '../../domain/time.js';
import { Clock } from '../../domain/time.js';
import type { PostgresStore } from './postgres-store.js';
import { READ_CLOCK } from './sql/specs.sql.js';
import { statement } from './wire/statement.js';

/** The database's clock, which all daemons on it share. */
export class PostgresClock extends Clock {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async now(): Promise<Micros> {
    const [[now]] = await this.store.pool.query(statement(READ_CLOCK));
    return Number(now);
  }
}
