import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The id of a namespace or work spec that is gone, of which rows may remain. */
@Entity({ name: 'garbage', schema: 'coordinate' })
export class GarbageEntity {
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'garbage_pkey' })
  id!: string;

  @Column({ type: 'bigint' })
  since!: string;
}
