import { DaemonRepository } from '../../daemons/daemon.repository.js';
import { type DaemonSign, MOST_DAEMONS } from '../../domain/daemon.js';
import { signOfLife } from './opening/registration.js';
import type { PostgresStore } from './postgres-store.js';
import { LIST_DAEMONS } from './sql/daemons.sql.js';
import { statement } from './wire/statement.js';

export class PostgresDaemonRepository extends DaemonRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async list(): Promise<DaemonSign[]> {
    await this.store.pool.query(signOfLife());
    const rows = await this.store.pool.query(statement(LIST_DAEMONS, MOST_DAEMONS));
    return rows.map(([id, version, migration, host, pid, since, seen]) => ({
      id: id!,
      version: version!,
      ...(migration !== null && { migration }),
      ...(host !== null && { host }),
      ...(pid !== null && { pid: Number(pid) }),
      since: Number(since),
      ...(seen !== null && { seen: Number(seen) }),
    }));
  }
}
