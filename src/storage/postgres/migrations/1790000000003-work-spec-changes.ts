import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether any namespace has ever had so many specs: a look at a sequence, so that elsewhere the triggers cost nothing. */
const IS_NOTED = `pg_sequence_last_value('coordinate.changes_noted') IS NOT NULL`;

/**
 * Which work specs of a namespace have changed, or units of them, and by which transaction: so that a daemon that has seen
 * twenty thousand specs reads again only those that have changed since. It is written down for namespaces of many specs only,
 * by the database itself, so that daemons of the version before write it down too.
 */
export class WorkSpecChanges1790000000003 implements MigrationInterface {
  name = 'WorkSpecChanges1790000000003';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE TABLE coordinate.work_spec_change (
      namespace_id bigint NOT NULL,
      at bigint NOT NULL,
      work_spec_id bigint NOT NULL,
      CONSTRAINT work_spec_change_pkey PRIMARY KEY (namespace_id, at, work_spec_id))`);
    await db.query(`CREATE SEQUENCE coordinate.changes_noted AS bigint`);
    await db.query(`ALTER TABLE coordinate.namespace ADD COLUMN changes_from bigint`);
    await db.query(`CREATE INDEX namespace_changes ON coordinate.namespace (id) WHERE changes_from IS NOT NULL`);
    await db.query(`CREATE FUNCTION coordinate.note_units() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO coordinate.work_spec_change (namespace_id, at, work_spec_id)
          SELECT n.id, pg_current_xact_id()::text::bigint, s.id
          FROM coordinate.work_spec s JOIN coordinate.namespace n ON n.id = s.namespace_id
          WHERE s.id = NEW.work_spec_id AND n.changes_from IS NOT NULL
        ON CONFLICT DO NOTHING;
        RETURN NULL;
      END $$`);
    await db.query(`CREATE FUNCTION coordinate.note_spec() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO coordinate.work_spec_change (namespace_id, at, work_spec_id)
          SELECT n.id, pg_current_xact_id()::text::bigint, v.id
          FROM (VALUES (OLD.namespace_id, OLD.id), (NEW.namespace_id, NEW.id)) AS v (namespace_id, id)
          JOIN coordinate.namespace n ON n.id = v.namespace_id
          WHERE n.changes_from IS NOT NULL
        ON CONFLICT DO NOTHING;
        RETURN NULL;
      END $$`);
    await db.query(`CREATE TRIGGER note_units AFTER INSERT OR UPDATE ON coordinate.work_spec_count
      FOR EACH ROW WHEN (${IS_NOTED}) EXECUTE FUNCTION coordinate.note_units()`);
    await db.query(`CREATE TRIGGER note_spec AFTER INSERT OR UPDATE OR DELETE ON coordinate.work_spec
      FOR EACH ROW WHEN (${IS_NOTED}) EXECUTE FUNCTION coordinate.note_spec()`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TRIGGER note_spec ON coordinate.work_spec`);
    await db.query(`DROP TRIGGER note_units ON coordinate.work_spec_count`);
    await db.query(`DROP FUNCTION coordinate.note_spec()`);
    await db.query(`DROP FUNCTION coordinate.note_units()`);
    await db.query(`DROP INDEX coordinate.namespace_changes`);
    await db.query(`ALTER TABLE coordinate.namespace DROP COLUMN changes_from`);
    await db.query(`DROP SEQUENCE coordinate.changes_noted`);
    await db.query(`DROP TABLE coordinate.work_spec_change`);
  }
}
