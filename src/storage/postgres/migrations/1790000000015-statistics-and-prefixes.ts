import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables that change with every unit of work. */
const HOT_TABLES = ['work_unit', 'attempt'];

/**
 * Less for the database to do for each unit: statistics, by which no statement of the daemon is planned, are gathered when a table has
 * changed as much as there is of it, not by each twentieth. And locks go into the index of their prefixes at once: a list of those
 * that do not stand there yet would be read by each look for a path.
 */
export class StatisticsAndPrefixes1790000000015 implements MigrationInterface {
  name = 'StatisticsAndPrefixes1790000000015';

  async up(db: QueryRunner): Promise<void> {
    await analyzeAfter(db, 1, 50_000);
    await db.query(`ALTER INDEX coordinate.lock_prefixes SET (fastupdate = off)`);
    await db.query(`SELECT gin_clean_pending_list('coordinate.lock_prefixes'::regclass)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER INDEX coordinate.lock_prefixes RESET (fastupdate)`);
    await analyzeAfter(db, 0.05, 5_000);
  }
}

async function analyzeAfter(db: QueryRunner, share: number, rows: number): Promise<void> {
  for (const table of HOT_TABLES) {
    await db.query(`ALTER TABLE coordinate.${table}
      SET (autovacuum_analyze_scale_factor = ${share}, autovacuum_analyze_threshold = ${rows})`);
  }
}
