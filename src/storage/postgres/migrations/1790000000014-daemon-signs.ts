import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where a daemon runs, which change of the tables is the newest that it knows, and when it last gave a sign of life. Daemons of the version
 * before leave all of it empty.
 */
export class DaemonSigns1790000000014 implements MigrationInterface {
  name = 'DaemonSigns1790000000014';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.daemon ADD COLUMN host text, ADD COLUMN pid bigint, ADD COLUMN migration text,
      ADD COLUMN seen bigint`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `ALTER TABLE coordinate.daemon DROP COLUMN host, DROP COLUMN pid, DROP COLUMN migration, DROP COLUMN seen`,
    );
  }
}
