import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why units failed: the number of the cause in the unit's row, and how many units of a spec are failed by each. A cause counts only
 * with the attempt that it is of, so that daemons of the version before, which leave it as it stands, do no harm: what they end
 * has no cause, and what has failed before neither. So no row is written here; the index holds failed units only.
 */
export class Causes1790000000007 implements MigrationInterface {
  name = 'Causes1790000000007';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.work_unit ADD COLUMN cause bigint, ADD COLUMN cause_attempt bigint`);
    await db.query(`CREATE INDEX work_unit_cause ON coordinate.work_unit
      (work_spec_id, (CASE WHEN cause_attempt = attempt_number THEN cause ELSE -1 END), name) WHERE status = 4`);
    await db.query(`CREATE TABLE coordinate.work_spec_cause (
      work_spec_id bigint NOT NULL,
      cause bigint NOT NULL,
      shard smallint NOT NULL,
      units bigint NOT NULL,
      first bigint NOT NULL,
      last bigint NOT NULL,
      text bytea NOT NULL,
      CONSTRAINT work_spec_cause_pkey PRIMARY KEY (work_spec_id, cause, shard))
      WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE coordinate.work_spec_cause`);
    await db.query(`DROP INDEX coordinate.work_unit_cause`);
    await db.query(`ALTER TABLE coordinate.work_unit DROP COLUMN cause, DROP COLUMN cause_attempt`);
  }
}
