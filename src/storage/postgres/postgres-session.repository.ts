import { MOST_SESSIONS, type NewSession, type Session } from '../../domain/session.js';
import { SessionRepository } from '../../sessions/session.repository.js';
import type { PostgresStore } from './postgres-store.js';
import { ADD_SESSION, END_SESSION, FIND_SESSIONS } from './sql/sessions.sql.js';
import { sessionThing } from './units/things.js';
import { byteaColumn } from './wire/columns.js';
import { statement } from './wire/statement.js';
import { bytesOf, textOfRow, textParameter } from './wire/values.js';

const bytesOfHash = (hash: string): Buffer => Buffer.from(hash, 'hex');

export class PostgresSessionRepository extends SessionRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async add({ hash, holder, basis, lifetime }: NewSession): Promise<void> {
    const values = [bytesOfHash(hash), bytesOfHash(holder), textParameter(basis), lifetime, MOST_SESSIONS - 1];
    await this.store.pool.query(statement(ADD_SESSION, ...values));
  }

  override async find(hashes: readonly string[]): Promise<Session[]> {
    const rows = await this.store.pool.query(statement(FIND_SESSIONS, byteaColumn(hashes.map(bytesOfHash))));
    return rows.map(([hash, basis, ends, left]) => ({
      hash: bytesOf(hash!).toString('hex'),
      basis: textOfRow(basis!),
      ends: Number(ends),
      left: Number(left),
    }));
  }

  override async end(hash: string): Promise<boolean> {
    const [row] = await this.store.pool.query(statement(END_SESSION, bytesOfHash(hash)), {
      locks: [sessionThing(hash)],
    });
    return row?.[0] === 't';
  }
}
