import { Column, Entity, PrimaryColumn } from 'typeorm';

const KEY = { primaryKeyConstraintName: 'work_spec_cause_pkey' } as const;

/** How many units of a work spec are failed by a cause: the sum over its shards. */
@Entity({ name: 'work_spec_cause', schema: 'coordinate' })
export class WorkSpecCauseEntity {
  @PrimaryColumn({ name: 'work_spec_id', type: 'bigint', ...KEY })
  workSpecId!: string;

  /** The number of the cause, as causeNumber of cause.ts makes it of the text. */
  @PrimaryColumn({ type: 'bigint', ...KEY })
  cause!: string;

  @PrimaryColumn({ type: 'smallint', ...KEY })
  shard!: number;

  /** May be below zero in one shard. */
  @Column({ type: 'bigint' })
  units!: string;

  /** When one failed first, and last, since there were units here. */
  @Column({ type: 'bigint' })
  first!: string;

  @Column({ type: 'bigint' })
  last!: string;

  /** Empty in a shard where none has failed. */
  @Column({ type: 'bytea' })
  text!: Buffer;
}
