import type { SnapshotRecords } from '../../domain/snapshot.js';
import { SnapshotRepository } from '../../snapshots/snapshot.repository.js';
import type { PostgresStore } from './postgres-store.js';
import { readSnapshot } from './snapshots/snapshot-reading.js';
import { SnapshotRestoring } from './snapshots/snapshot-restoring.js';
import { ANYTHING, News } from './telling/news.js';
import { BEGIN_SNAPSHOT, LET_IT_TAKE_TIME } from './sql/snapshots.sql.js';
import type { Connection } from './wire/connection.js';
import { COMMIT, ROLLBACK, statement } from './wire/statement.js';

export class PostgresSnapshotRepository extends SnapshotRepository {
  override readonly keepsWhatChanges = false;
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override read<T>(use: (records: SnapshotRecords) => Promise<T>): Promise<T> {
    return this.store.apart(async (connection) => {
      await connection.begin([statement(LET_IT_TAKE_TIME)], statement(BEGIN_SNAPSHOT));
      return ending(connection, () => use(readSnapshot(connection)));
    });
  }

  override async restore(records: SnapshotRecords): Promise<void> {
    await this.store.pool.use(async (connection) => {
      await connection.begin([statement(LET_IT_TAKE_TIME)]);
      await ending(connection, async () => {
        const restoring = new SnapshotRestoring(connection);
        await restoring.begin();
        for await (const some of records) for (const record of some) await restoring.take(record);
        await restoring.end();
      });
    });
    this.store.tidings.committed(new News().add(ANYTHING, 1));
  }
}

/** Ends the transaction that has begun as `work` ends. */
async function ending<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    if (!connection.isBroken) await connection.run([ROLLBACK]);
    throw error;
  }
  await connection.run([COMMIT]);
  return result;
}
