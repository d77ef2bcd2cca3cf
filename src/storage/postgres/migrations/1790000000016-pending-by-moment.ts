import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Pending units leave the index of statuses and names: every claim had to enter each of its units there, and who lists those that are
 * pending can go by their moments. Daemons of the version before list units of a status by walking over all of the spec as long as they run.
 */
export class PendingByMoment1790000000016 implements MigrationInterface {
  name = 'PendingByMoment1790000000016';

  async up(db: QueryRunner): Promise<void> {
    await replace(db, `name >= ''::bytea AND status <> 2`);
  }

  async down(db: QueryRunner): Promise<void> {
    await replace(db, `name >= ''::bytea`);
  }
}

async function replace(db: QueryRunner, where: string): Promise<void> {
  await db.query(`DROP INDEX coordinate.work_unit_status`);
  await db.query(`CREATE INDEX work_unit_status ON coordinate.work_unit (work_spec_id, status, name) WHERE ${where}`);
}
