import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that change with every unit of work: vacuumed by number of dead rows rather than by share of the table. */
const HOT_TABLE = `autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 1`;

/**
 * Conditions that always hold. Only a query that repeats its condition can use such an index, so that a planner that has
 * no statistics yet can not take it for the primary key and walk over all units of a work spec to find one by name.
 */
const ANY_NAME = `name >= ''::bytea`;
const ANY_WORKER = `worker >= ''::bytea`;
const ANY_MOMENT = `moment >= '-9223372036854775808'::bigint`;
const ANY_INACTIVITY = `inactive_at >= '-9223372036854775808'::bigint`;

export class InitialSchema1790000000000 implements MigrationInterface {
  name = 'InitialSchema1790000000000';

  async up(db: QueryRunner): Promise<void> {
    // The one clock of all daemons of this database, in microseconds since 1970.
    await db.query(`CREATE FUNCTION coordinate.now_micros() RETURNS bigint LANGUAGE sql VOLATILE
      AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$`);
    await db.query(`CREATE SEQUENCE coordinate.attempt_number AS bigint`);
    await db.query(`CREATE SEQUENCE coordinate.object_id AS bigint`);

    await db.query(`CREATE TABLE coordinate.namespace (
      id bigint NOT NULL DEFAULT nextval('coordinate.object_id'),
      name bytea NOT NULL,
      CONSTRAINT namespace_pkey PRIMARY KEY (id))`);
    await db.query(`CREATE UNIQUE INDEX namespace_name ON coordinate.namespace (name)`);

    await db.query(`CREATE TABLE coordinate.work_spec (
      id bigint NOT NULL DEFAULT nextval('coordinate.object_id'),
      namespace_id bigint NOT NULL,
      name bytea NOT NULL,
      name_is_bytes boolean NOT NULL,
      data bytea NOT NULL,
      version bigint NOT NULL,
      priority bigint NOT NULL,
      weight bigint NOT NULL,
      paused boolean NOT NULL,
      continuous boolean NOT NULL,
      can_be_continuous boolean NOT NULL,
      min_memory_gb double precision NOT NULL,
      interval_ns bigint NOT NULL,
      next_continuous bigint NOT NULL,
      max_running bigint NOT NULL,
      max_attempts_returned bigint NOT NULL,
      max_retries bigint NOT NULL,
      next_work_spec_name bytea NOT NULL,
      runtime bytea NOT NULL,
      CONSTRAINT work_spec_pkey PRIMARY KEY (id))`);
    await db.query(`CREATE UNIQUE INDEX work_spec_name ON coordinate.work_spec (namespace_id, name)`);

    await db.query(`CREATE TABLE coordinate.work_spec_count (
      work_spec_id bigint NOT NULL,
      shard smallint NOT NULL,
      available bigint NOT NULL,
      delayed bigint NOT NULL,
      pending bigint NOT NULL,
      finished bigint NOT NULL,
      failed bigint NOT NULL,
      arrivals bigint NOT NULL,
      CONSTRAINT work_spec_count_pkey PRIMARY KEY (work_spec_id, shard))
      WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`);

    await db.query(`CREATE TABLE coordinate.work_unit (
      work_spec_id bigint NOT NULL,
      name bytea NOT NULL,
      rank double precision NOT NULL,
      moment bigint NOT NULL,
      not_before bigint NOT NULL,
      attempt_number bigint,
      attempt_start bigint,
      attempt_end bigint,
      attempt_expiration bigint,
      tries integer NOT NULL,
      attempts integer NOT NULL,
      status smallint NOT NULL,
      attempt_status smallint,
      late boolean NOT NULL,
      attempt_worker bytea,
      data bytea NOT NULL,
      attempt_data bytea,
      attempt_start_data bytea,
      CONSTRAINT work_unit_pkey PRIMARY KEY (work_spec_id, name))
      WITH (${HOT_TABLE})`);
    await db.query(
      `CREATE INDEX work_unit_claimable ON coordinate.work_unit (work_spec_id, rank, name) WHERE status = 0`,
    );
    await db.query(`CREATE INDEX work_unit_status ON coordinate.work_unit (work_spec_id, status, name)
      WHERE ${ANY_NAME}`);
    await db.query(`CREATE INDEX work_unit_moment ON coordinate.work_unit (work_spec_id, status, moment)
      WHERE ${ANY_MOMENT}`);
    await db.query(`CREATE INDEX work_unit_worker ON coordinate.work_unit
      (work_spec_id, attempt_worker, attempt_status, attempt_number) WHERE attempt_worker IS NOT NULL`);

    await db.query(`CREATE TABLE coordinate.attempt (
      work_spec_id bigint NOT NULL,
      work_unit bytea NOT NULL,
      number bigint NOT NULL,
      start bigint NOT NULL,
      "end" bigint NOT NULL,
      expiration bigint NOT NULL,
      status smallint NOT NULL,
      worker bytea NOT NULL,
      data bytea NOT NULL,
      CONSTRAINT attempt_pkey PRIMARY KEY (work_spec_id, work_unit, number))
      WITH (${HOT_TABLE})`);
    await db.query(`CREATE INDEX attempt_worker ON coordinate.attempt (work_spec_id, worker, status, number)
      WHERE ${ANY_WORKER}`);

    await db.query(`CREATE TABLE coordinate.worker (
      namespace_id bigint NOT NULL,
      name bytea NOT NULL,
      parent bytea,
      mode bytea NOT NULL,
      data bytea NOT NULL,
      last_update bigint NOT NULL,
      expiration bigint NOT NULL,
      inactive_at bigint NOT NULL,
      deactivated boolean NOT NULL,
      reported boolean NOT NULL,
      last_claim bigint,
      claim_spec_id bigint,
      claim_first bigint,
      claim_last bigint,
      CONSTRAINT worker_pkey PRIMARY KEY (namespace_id, name))
      WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000)`);
    await db.query(
      `CREATE INDEX worker_parent ON coordinate.worker (namespace_id, parent, name) WHERE parent IS NOT NULL`,
    );
    await db.query(`CREATE INDEX worker_inactive ON coordinate.worker (namespace_id, inactive_at)
      WHERE ${ANY_INACTIVITY}`);

    await db.query(`CREATE TABLE coordinate.lock (
      namespace_id bigint NOT NULL,
      path bytea NOT NULL,
      prefixes bytea[] NOT NULL,
      locker bytea NOT NULL,
      until bigint NOT NULL,
      CONSTRAINT lock_pkey PRIMARY KEY (namespace_id, path))`);
    await db.query(`CREATE INDEX lock_prefixes ON coordinate.lock USING gin (prefixes)`);

    await db.query(`CREATE TABLE coordinate.garbage (
      id bigint NOT NULL,
      since bigint NOT NULL,
      CONSTRAINT garbage_pkey PRIMARY KEY (id))`);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const table of [
      'garbage',
      'lock',
      'worker',
      'attempt',
      'work_unit',
      'work_spec_count',
      'work_spec',
      'namespace',
    ]) {
      await db.query(`DROP TABLE coordinate.${table}`);
    }
    await db.query(`DROP SEQUENCE coordinate.object_id`);
    await db.query(`DROP SEQUENCE coordinate.attempt_number`);
    await db.query(`DROP FUNCTION coordinate.now_micros()`);
  }
}
