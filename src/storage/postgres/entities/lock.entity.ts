import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity({ name: 'lock', schema: 'coordinate' })
@Index('lock_prefixes', { synchronize: false })
export class LockEntity {
  @PrimaryColumn({ name: 'namespace_id', type: 'bigint', primaryKeyConstraintName: 'lock_pkey' })
  namespaceId!: string;

  /** A hash of the path. */
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'lock_pkey' })
  path!: Buffer;

  /** Hashes of all paths that it begins with, itself among them. */
  @Column({ type: 'bytea', array: true })
  prefixes!: Buffer[];

  @Column({ type: 'bytea' })
  locker!: Buffer;

  @Column({ type: 'bigint' })
  until!: string;
}
