import type { MigrationInterface, QueryRunner } from 'typeorm';

const COUNTS = ['added', 'claimed', 'finished', 'failed', 'retried', 'expired', 'released'];

/**
 * What happened to the work of each spec, by the minute and the hour. It goes by an id of its own, for a spec gets another id
 * when all its units are deleted at once, and its history is to stay. The database itself gives those ids out and notes which
 * of them are gone, so that specs that daemons of the version before make and delete have them too.
 */
export class WorkSpecHistory1790000000006 implements MigrationInterface {
  name = 'WorkSpecHistory1790000000006';

  async up(db: QueryRunner): Promise<void> {
    // With a default at once the table would be written anew, and seen as empty by who has begun to read before.
    await db.query(`ALTER TABLE coordinate.work_spec ADD COLUMN history_id bigint`);
    await db.query(
      `ALTER TABLE coordinate.work_spec ALTER COLUMN history_id SET DEFAULT nextval('coordinate.object_id')`,
    );
    await db.query(`UPDATE coordinate.work_spec SET history_id = nextval('coordinate.object_id')`);
    await db.query(`ALTER TABLE coordinate.work_spec ALTER COLUMN history_id SET NOT NULL`);
    await db.query(`CREATE UNIQUE INDEX work_spec_history_id ON coordinate.work_spec (history_id)`);

    await db.query(`CREATE TABLE coordinate.work_spec_history (
      history_id bigint NOT NULL,
      start bigint NOT NULL,
      last_claim bigint,
      ${COUNTS.map((count) => `${count} bigint NOT NULL,`).join(' ')}
      waited_seconds double precision NOT NULL,
      worked_seconds double precision NOT NULL,
      minutes smallint NOT NULL,
      waited bigint[] NOT NULL,
      worked bigint[] NOT NULL,
      CONSTRAINT work_spec_history_pkey PRIMARY KEY (history_id, minutes, start))
      WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000)`);
    await db.query(`CREATE INDEX work_spec_history_age ON coordinate.work_spec_history (minutes, start)`);

    await db.query(`CREATE FUNCTION coordinate.note_history() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO coordinate.garbage (id, since) VALUES (OLD.history_id, coordinate.now_micros())
        ON CONFLICT DO NOTHING;
        RETURN NULL;
      END $$`);
    await db.query(`CREATE TRIGGER note_history AFTER DELETE ON coordinate.work_spec
      FOR EACH ROW EXECUTE FUNCTION coordinate.note_history()`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TRIGGER note_history ON coordinate.work_spec`);
    await db.query(`DROP FUNCTION coordinate.note_history()`);
    await db.query(`DROP TABLE coordinate.work_spec_history`);
    await db.query(`DROP INDEX coordinate.work_spec_history_id`);
    await db.query(`ALTER TABLE coordinate.work_spec DROP COLUMN history_id`);
  }
}
