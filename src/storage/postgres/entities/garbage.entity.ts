import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The id of a namespace or work spec that is gone, of which rows may remain. */
@Entity({ name: 'garbage', schema: 'coordinate' })
@Index('garbage_look_at', ['lookAt', 'id'])
export class GarbageEntity {
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'garbage_pkey' })
  id!: string;

  @Column({ type: 'bigint' })
  since!: string;

  /** When its rows are next looked for. */
  @Column({ name: 'look_at', type: 'bigint', default: 0 })
  lookAt!: string;
}
