import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A work unit with its latest attempt, which is its active one when the status is pending, finished or failed. */
@Entity({ name: 'work_unit', schema: 'coordinate' })
@Index('work_unit_claimable', ['workSpecId', 'rank', 'name'], { where: 'status = 0' })
@Index('work_unit_status', ['workSpecId', 'status', 'name'], {
  where: `name >= ''::bytea AND status <> 2`,
})
@Index('work_unit_moment', ['workSpecId', 'status', 'moment'], {
  where: `moment >= '-9223372036854775808'::bigint`,
})
@Index('work_unit_worker', ['workSpecId', 'attemptWorker', 'attemptStatus', 'attemptNumber'], {
  where: 'attempt_worker IS NOT NULL AND status <> 2',
})
// Its second column is an expression, which TypeORM can not say: see the migration.
@Index('work_unit_cause', { synchronize: false })
export class WorkUnitEntity {
  @PrimaryColumn({ name: 'work_spec_id', type: 'bigint', primaryKeyConstraintName: 'work_unit_pkey' })
  workSpecId!: string;

  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'work_unit_pkey' })
  name!: Buffer;

  /** Minus the priority: units are claimed in ascending order. */
  @Column({ type: 'double precision' })
  rank!: number;

  /** Available since, delayed until, lease until, ended at: whichever the status makes of it. */
  @Column({ type: 'bigint' })
  moment!: string;

  @Column({ name: 'not_before', type: 'bigint' })
  notBefore!: string;

  @Column({ name: 'attempt_number', type: 'bigint', nullable: true })
  attemptNumber!: string | null;

  @Column({ name: 'attempt_start', type: 'bigint', nullable: true })
  attemptStart!: string | null;

  @Column({ name: 'attempt_end', type: 'bigint', nullable: true })
  attemptEnd!: string | null;

  @Column({ name: 'attempt_expiration', type: 'bigint', nullable: true })
  attemptExpiration!: string | null;

  /** Attempts since it was last added, re-added or cleared. */
  @Column({ type: 'integer' })
  tries!: number;

  @Column({ type: 'integer' })
  attempts!: number;

  /** Its place in WORK_UNIT_STATUSES. A lease or delay that has run out counts whatever stands here. */
  @Column({ type: 'smallint' })
  status!: number;

  /** Its place in ATTEMPT_STATUSES. */
  @Column({ name: 'attempt_status', type: 'smallint', nullable: true })
  attemptStatus!: number | null;

  /** Whether the lease of the latest attempt ran out by itself, with nothing done to the unit since. */
  @Column({ type: 'boolean' })
  late!: boolean;

  @Column({ name: 'attempt_worker', type: 'bytea', nullable: true })
  attemptWorker!: Buffer | null;

  /** CBOR. */
  @Column({ type: 'bytea' })
  data!: Buffer;

  @Column({ name: 'attempt_data', type: 'bytea', nullable: true })
  attemptData!: Buffer | null;

  /** The unit's data when the latest attempt began, where they have been replaced since. */
  @Column({ name: 'attempt_start_data', type: 'bytea', nullable: true })
  attemptStartData!: Buffer | null;

  /** Why it failed, by the number of the cause; it counts only while it is failed by the attempt of that number. */
  @Column({ type: 'bigint', nullable: true })
  cause!: string | null;

  @Column({ name: 'cause_attempt', type: 'bigint', nullable: true })
  causeAttempt!: string | null;

  /** How often an attempt has failed that its spec's policy of retrying counts, since it was last added, re-added or cleared. */
  @Column({ type: 'bigint', default: 0 })
  failures!: string;

  /** What is to follow if its lease runs out, where that counts as a failure: as UnitPort has it; null: it does not. */
  @Column({ type: 'bigint', nullable: true })
  lapse!: string | null;
}
