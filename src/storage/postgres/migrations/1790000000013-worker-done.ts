import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What workers have finished lately, by spans of five minutes. Daemons of the version before know nothing of it. */
export class WorkerDone1790000000013 implements MigrationInterface {
  name = 'WorkerDone1790000000013';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE TABLE coordinate.worker_done (
      namespace_id bigint NOT NULL,
      worker bytea NOT NULL,
      span bigint NOT NULL,
      finished bigint NOT NULL,
      CONSTRAINT worker_done_pkey PRIMARY KEY (namespace_id, worker, span))
      WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000)`);
    await db.query(`CREATE INDEX worker_done_span ON coordinate.worker_done (span)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE coordinate.worker_done`);
  }
}
