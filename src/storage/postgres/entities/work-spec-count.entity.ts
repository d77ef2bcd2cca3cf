import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Units per status of a work spec: the sum over its shards, each of which few connections write. */
@Entity({ name: 'work_spec_count', schema: 'coordinate' })
export class WorkSpecCountEntity {
  @PrimaryColumn({ name: 'work_spec_id', type: 'bigint', primaryKeyConstraintName: 'work_spec_count_pkey' })
  workSpecId!: string;

  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: 'work_spec_count_pkey' })
  shard!: number;

  @Column({ type: 'bigint' })
  available!: string;

  @Column({ type: 'bigint' })
  delayed!: string;

  @Column({ type: 'bigint' })
  pending!: string;

  @Column({ type: 'bigint' })
  finished!: string;

  @Column({ type: 'bigint' })
  failed!: string;

  /** How often a unit became available, or came to another place among those that are. Never gets less. */
  @Column({ type: 'bigint' })
  arrivals!: string;
}
