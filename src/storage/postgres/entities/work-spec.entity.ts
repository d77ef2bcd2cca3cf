import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ZERO_TIME } from '../../../domain/time.js';

/** A work spec. Its id changes when all its units are deleted at once; the rows of the old id are removed later. */
@Entity({ name: 'work_spec', schema: 'coordinate' })
@Index('work_spec_name', ['namespaceId', 'name'], { unique: true })
@Index('work_spec_waiting', ['namespaceId'], { where: 'waits_for IS NOT NULL' })
@Index('work_spec_history_id', ['historyId'], { unique: true })
// Its first column is an expression, which TypeORM can not say: see the migration.
@Index('work_spec_slot', { synchronize: false })
export class WorkSpecEntity {
  @PrimaryColumn({
    type: 'bigint',
    default: () => `nextval('coordinate.object_id')`,
    primaryKeyConstraintName: 'work_spec_pkey',
  })
  id!: string;

  @Column({ name: 'namespace_id', type: 'bigint' })
  namespaceId!: string;

  @Column({ type: 'bytea' })
  name!: Buffer;

  @Column({ name: 'name_is_bytes', type: 'boolean' })
  nameIsBytes!: boolean;

  @Column({ type: 'bytea' })
  data!: Buffer;

  /** Grows with every change, so that a daemon knows whether what it remembers is still so. */
  @Column({ type: 'bigint' })
  version!: string;

  @Column({ type: 'bigint' })
  priority!: string;

  @Column({ type: 'bigint' })
  weight!: string;

  @Column({ type: 'boolean' })
  paused!: boolean;

  @Column({ type: 'boolean' })
  continuous!: boolean;

  @Column({ name: 'can_be_continuous', type: 'boolean' })
  canBeContinuous!: boolean;

  @Column({ name: 'min_memory_gb', type: 'double precision' })
  minMemoryGb!: number;

  @Column({ name: 'interval_ns', type: 'bigint' })
  intervalNs!: string;

  /** Microseconds, as all moments. */
  @Column({ name: 'next_continuous', type: 'bigint' })
  nextContinuous!: string;

  @Column({ name: 'last_continuous', type: 'bigint', default: ZERO_TIME })
  lastContinuous!: string;

  @Column({ name: 'max_running', type: 'bigint' })
  maxRunning!: string;

  @Column({ name: 'max_attempts_returned', type: 'bigint' })
  maxAttemptsReturned!: string;

  @Column({ name: 'max_retries', type: 'bigint' })
  maxRetries!: string;

  @Column({ name: 'next_work_spec_name', type: 'bytea' })
  nextWorkSpecName!: Buffer;

  @Column({ type: 'bytea' })
  runtime!: Buffer;

  /** What its history goes by: it stays when the id changes. */
  @Column({ name: 'history_id', type: 'bigint', default: () => `nextval('coordinate.object_id')` })
  historyId!: string;

  /** What its definition says of how its units flow, encoded; null: nothing, as of all that daemons set who knew of none. */
  @Column({ type: 'bytea', nullable: true })
  flow!: Buffer | null;

  /** The first slot of its schedule that has yet to be looked at; null: it has none. */
  @Column({ name: 'next_slot', type: 'bigint', nullable: true })
  nextSlot!: string | null;

  @Column({ name: 'last_slot', type: 'bigint', nullable: true })
  lastSlot!: string | null;

  /** The slot that waits until no unit is left to be done. */
  @Column({ name: 'buffered_slot', type: 'bigint', nullable: true })
  bufferedSlot!: string | null;

  @Column({ name: 'missed_slots', type: 'bigint', nullable: true })
  missedSlots!: string | null;

  /** When the bucket of its rate limit is full; null: it has none. */
  @Column({ name: 'full_at', type: 'bigint', nullable: true })
  fullAt!: string | null;

  /** From when on there is a token in it. */
  @Column({ name: 'limited_until', type: 'bigint', nullable: true })
  limitedUntil!: string | null;

  /** The names of those that it comes after; null: of none. */
  @Column({ name: 'waits_for', type: 'bytea', array: true, nullable: true })
  waitsFor!: Buffer[] | null;

  /** Whether another one comes after it, or once did. */
  @Column({ type: 'boolean', default: false })
  awaited!: boolean;
}
