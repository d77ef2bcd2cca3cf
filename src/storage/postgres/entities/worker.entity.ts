import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity({ name: 'worker', schema: 'coordinate' })
@Index('worker_parent', ['namespaceId', 'parent', 'name'], { where: 'parent IS NOT NULL' })
@Index('worker_inactive', ['namespaceId', 'inactiveAt'], {
  where: `inactive_at >= '-9223372036854775808'::bigint`,
})
export class WorkerEntity {
  @PrimaryColumn({ name: 'namespace_id', type: 'bigint', primaryKeyConstraintName: 'worker_pkey' })
  namespaceId!: string;

  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'worker_pkey' })
  name!: Buffer;

  @Column({ type: 'bytea', nullable: true })
  parent!: Buffer | null;

  @Column({ type: 'bytea' })
  mode!: Buffer;

  @Column({ type: 'bytea' })
  data!: Buffer;

  @Column({ name: 'last_update', type: 'bigint' })
  lastUpdate!: string;

  @Column({ type: 'bigint' })
  expiration!: string;

  /** Since when, or from when on, it is not active. */
  @Column({ name: 'inactive_at', type: 'bigint' })
  inactiveAt!: string;

  @Column({ type: 'boolean' })
  deactivated!: boolean;

  /** Whether it has sent a heartbeat or update itself. */
  @Column({ type: 'boolean' })
  reported!: boolean;

  @Column({ name: 'last_claim', type: 'bigint', nullable: true })
  lastClaim!: string | null;

  /** What its latest claim gave it: a work spec, and the first and last numbers of the attempts. */
  @Column({ name: 'claim_spec_id', type: 'bigint', nullable: true })
  claimSpecId!: string | null;

  @Column({ name: 'claim_first', type: 'bigint', nullable: true })
  claimFirst!: string | null;

  @Column({ name: 'claim_last', type: 'bigint', nullable: true })
  claimLast!: string | null;
}
