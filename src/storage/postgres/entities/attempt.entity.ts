import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An attempt that another one has come after; the latest is in the row of its unit. */
@Entity({ name: 'attempt', schema: 'coordinate' })
@Index('attempt_worker', ['workSpecId', 'worker', 'status', 'number'], { where: `worker >= ''::bytea` })
export class AttemptEntity {
  @PrimaryColumn({ name: 'work_spec_id', type: 'bigint', primaryKeyConstraintName: 'attempt_pkey' })
  workSpecId!: string;

  @PrimaryColumn({ name: 'work_unit', type: 'bytea', primaryKeyConstraintName: 'attempt_pkey' })
  workUnit!: Buffer;

  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'attempt_pkey' })
  number!: string;

  @Column({ type: 'bigint' })
  start!: string;

  @Column({ type: 'bigint' })
  end!: string;

  @Column({ type: 'bigint' })
  expiration!: string;

  @Column({ type: 'smallint' })
  status!: number;

  @Column({ type: 'bytea' })
  worker!: Buffer;

  @Column({ type: 'bytea' })
  data!: Buffer;
}
