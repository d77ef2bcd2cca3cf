import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Pending units leave the index of statuses and names, and that of workers: every claim had to enter each of its units there, and who
 * looks for those that are pending can go by their moments. Daemons of the version before list units of a status, and those of a
 * worker, by walking over all of the spec as long as they run.
 */
export class PendingByMoment1790000000016 implements MigrationInterface {
  name = 'PendingByMoment1790000000016';

  async up(db: QueryRunner): Promise<void> {
    await replace(db, ' AND status <> 2');
  }

  async down(db: QueryRunner): Promise<void> {
    await replace(db, '');
  }
}

/** @param unlessPending - what is added to the conditions of the indexes */
async function replace(db: QueryRunner, unlessPending: string): Promise<void> {
  await db.query(`DROP INDEX coordinate.work_unit_status`);
  await db.query(`CREATE INDEX work_unit_status ON coordinate.work_unit (work_spec_id, status, name)
    WHERE name >= ''::bytea${unlessPending}`);
  await db.query(`DROP INDEX coordinate.work_unit_worker`);
  await db.query(`CREATE INDEX work_unit_worker ON coordinate.work_unit
    (work_spec_id, attempt_worker, attempt_status, attempt_number) WHERE attempt_worker IS NOT NULL${unlessPending}`);
}
