import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ZERO_TIME } from '../../../domain/time.js';

/** When a continuous spec last made itself a unit, by which it is seen that the clock has been set back since. */
export class LastContinuous1790000000001 implements MigrationInterface {
  name = 'LastContinuous1790000000001';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.work_spec ADD COLUMN last_continuous bigint NOT NULL DEFAULT ${ZERO_TIME}`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.work_spec DROP COLUMN last_continuous`);
  }
}
