import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A daemon that has opened this database, and what it knows of that others may not. Its sessions have its id in their names. */
@Entity({ name: 'daemon', schema: 'coordinate' })
export class DaemonEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'daemon_pkey' })
  id!: string;

  @Column({ type: 'text' })
  version!: string;

  @Column({ type: 'text', array: true })
  knows!: string[];

  /** When it was opened, in microseconds. */
  @Column({ type: 'bigint' })
  since!: string;
}
