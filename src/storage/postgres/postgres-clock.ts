import type { Awaitable } from '../../domain/awaitable.js';
import type { Micros } from '../../domain/time.js';
import { Clock } from '../../domain/time.js';
import type { PostgresStore } from './postgres-store.js';

/** The database's clock, which all daemons on it share; told without asking it once it has been measured. */
export class PostgresClock extends Clock {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override now(): Awaitable<Micros> {
    return this.store.time.now ?? this.store.now();
  }
}
