import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What work specs say of how their units flow; how often a unit has failed since it was added, and what follows if its lease runs
 * out; and which daemons there are that know of it: a spec gets a flow only where all do. Daemons of the version before leave the
 * columns as they are, and are told from others by the names of their sessions. No row is written.
 */
export class Flow1790000000008 implements MigrationInterface {
  name = 'Flow1790000000008';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE coordinate.work_spec ADD COLUMN flow bytea`);
    await db.query(
      `ALTER TABLE coordinate.work_unit ADD COLUMN failures bigint NOT NULL DEFAULT 0, ADD COLUMN lapse bigint`,
    );
    await db.query(`CREATE TABLE coordinate.daemon (
      id text NOT NULL,
      version text NOT NULL,
      knows text[] NOT NULL,
      since bigint NOT NULL,
      CONSTRAINT daemon_pkey PRIMARY KEY (id))`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE coordinate.daemon`);
    await db.query(`ALTER TABLE coordinate.work_unit DROP COLUMN failures, DROP COLUMN lapse`);
    await db.query(`ALTER TABLE coordinate.work_spec DROP COLUMN flow`);
  }
}
