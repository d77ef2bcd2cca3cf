import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables that change with every unit of work. */
const HOT_TABLES = ['work_unit', 'attempt'];

/**
 * Less for the database to do for each unit: those that are pending stand in no index of statuses and names, since they are few and those
 * of moments has them too; and statistics, by which no statement of the daemon is planned, are gathered when a table has changed as
 * much as there is of it, not by each twentieth. Daemons of the version before list by status without that index, which takes longer.
 */
export class LessToWrite1790000000015 implements MigrationInterface {
  name = 'LessToWrite1790000000015';

  async up(db: QueryRunner): Promise<void> {
    await indexByStatus(db, `name >= ''::bytea AND status <> 2`);
    await analyzeAfter(db, 1, 50_000);
  }

  async down(db: QueryRunner): Promise<void> {
    await analyzeAfter(db, 0.05, 5_000);
    await indexByStatus(db, `name >= ''::bytea`);
  }
}

/** The old one goes first: who reads before it writes would else wait for the new one, and that for the end of what was read. */
async function indexByStatus(db: QueryRunner, where: string): Promise<void> {
  await db.query(`DROP INDEX coordinate.work_unit_status`);
  await db.query(`CREATE INDEX work_unit_status ON coordinate.work_unit (work_spec_id, status, name) WHERE ${where}`);
}

async function analyzeAfter(db: QueryRunner, share: number, rows: number): Promise<void> {
  for (const table of HOT_TABLES) {
    await db.query(`ALTER TABLE coordinate.${table}
      SET (autovacuum_analyze_scale_factor = ${share}, autovacuum_analyze_threshold = ${rows})`);
  }
}
