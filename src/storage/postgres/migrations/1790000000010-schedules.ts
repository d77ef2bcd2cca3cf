import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How far work specs are in their schedules. Of those that have none, which are all that there are when this comes, nothing is
 * written, and the index holds none of them. By it daemons find what is due next, however many work specs there are.
 */
export class Schedules1790000000010 implements MigrationInterface {
  name = 'Schedules1790000000010';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.work_spec ADD COLUMN next_slot bigint, ADD COLUMN last_slot bigint,
      ADD COLUMN buffered_slot bigint, ADD COLUMN missed_slots bigint`);
    await db.query(`CREATE INDEX work_spec_slot ON coordinate.work_spec (LEAST(next_slot, buffered_slot), id)
      WHERE next_slot IS NOT NULL`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP INDEX coordinate.work_spec_slot`);
    await db.query(`ALTER TABLE coordinate.work_spec DROP COLUMN next_slot, DROP COLUMN last_slot,
      DROP COLUMN buffered_slot, DROP COLUMN missed_slots`);
  }
}
