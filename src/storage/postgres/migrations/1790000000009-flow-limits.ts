import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How far the bucket of a work spec with a rate limit has come, which specs one waits for, and whether one is waited for. What it
 * waits for stands in its flow as well; here the database can look for it. No row is written.
 */
export class FlowLimits1790000000009 implements MigrationInterface {
  name = 'FlowLimits1790000000009';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.work_spec ADD COLUMN full_at bigint, ADD COLUMN limited_until bigint,
      ADD COLUMN waits_for bytea[], ADD COLUMN awaited boolean NOT NULL DEFAULT false`);
    await db.query(`CREATE INDEX work_spec_waiting ON coordinate.work_spec (namespace_id) WHERE waits_for IS NOT NULL`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP INDEX coordinate.work_spec_waiting`);
    await db.query(`ALTER TABLE coordinate.work_spec DROP COLUMN full_at, DROP COLUMN limited_until,
      DROP COLUMN waits_for, DROP COLUMN awaited`);
  }
}
