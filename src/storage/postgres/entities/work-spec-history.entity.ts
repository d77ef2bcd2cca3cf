import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

const KEY = 'work_spec_history_pkey';

/** What happened to the work of a spec in a minute or an hour: the sum of what all daemons have written. */
@Entity({ name: 'work_spec_history', schema: 'coordinate' })
@Index('work_spec_history_age', ['minutes', 'start'])
export class WorkSpecHistoryEntity {
  @PrimaryColumn({ name: 'history_id', type: 'bigint', primaryKeyConstraintName: KEY })
  historyId!: string;

  /** 1 or 60. */
  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: KEY })
  minutes!: number;

  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: KEY })
  start!: string;

  /** When a claim last gave out a unit in it. */
  @Column({ name: 'last_claim', type: 'bigint', nullable: true })
  lastClaim!: string | null;

  @Column({ type: 'bigint' })
  added!: string;

  @Column({ type: 'bigint' })
  claimed!: string;

  @Column({ type: 'bigint' })
  finished!: string;

  @Column({ type: 'bigint' })
  failed!: string;

  @Column({ type: 'bigint' })
  retried!: string;

  @Column({ type: 'bigint' })
  expired!: string;

  @Column({ type: 'bigint' })
  released!: string;

  @Column({ name: 'waited_seconds', type: 'double precision' })
  waitedSeconds!: number;

  @Column({ name: 'worked_seconds', type: 'double precision' })
  workedSeconds!: number;

  /** How many were within each of WORK_BOUNDS, and one more. */
  @Column({ type: 'bigint', array: true })
  waited!: string[];

  @Column({ type: 'bigint', array: true })
  worked!: string[];
}
