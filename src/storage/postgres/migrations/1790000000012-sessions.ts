import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The sessions of people who have signed in. Daemons of the version before know nothing of them. */
export class Sessions1790000000012 implements MigrationInterface {
  name = 'Sessions1790000000012';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE TABLE coordinate.session (
      hash bytea NOT NULL,
      holder bytea NOT NULL,
      basis bytea NOT NULL,
      begins bigint NOT NULL,
      ends bigint NOT NULL,
      CONSTRAINT session_pkey PRIMARY KEY (hash))`);
    await db.query(`CREATE INDEX session_holder ON coordinate.session (holder, begins)`);
    await db.query(`CREATE INDEX session_ends ON coordinate.session (ends)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE coordinate.session`);
  }
}
