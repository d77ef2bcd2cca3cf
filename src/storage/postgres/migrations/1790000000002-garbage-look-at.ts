import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * When an object that is gone is next looked at, so that those whose rows have been removed do not stand in the way of the
 * others. Daemons of the version before leave it at 0, which means at once.
 */
export class GarbageLookAt1790000000002 implements MigrationInterface {
  name = 'GarbageLookAt1790000000002';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.garbage ADD COLUMN look_at bigint NOT NULL DEFAULT 0`);
    await db.query(`CREATE INDEX garbage_look_at ON coordinate.garbage (look_at, id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP INDEX coordinate.garbage_look_at`);
    await db.query(`ALTER TABLE coordinate.garbage DROP COLUMN look_at`);
  }
}
