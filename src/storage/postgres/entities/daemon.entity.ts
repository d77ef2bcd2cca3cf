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

  /** The machine that it runs on; as all below, null from versions that do not say so. */
  @Column({ type: 'text', nullable: true })
  host!: string | null;

  /** Its process there. */
  @Column({ type: 'bigint', nullable: true })
  pid!: string | null;

  /** The newest migration that it knows. */
  @Column({ type: 'text', nullable: true })
  migration!: string | null;

  /** Its last sign of life, in microseconds. */
  @Column({ type: 'bigint', nullable: true })
  seen!: string | null;
}
