import { Entity, PrimaryColumn } from 'typeorm';

const KEY = 'work_spec_change_pkey';

/** A transaction has changed a work spec, or units of it. Written by triggers, in namespaces of many specs. */
@Entity({ name: 'work_spec_change', schema: 'coordinate' })
export class WorkSpecChangeEntity {
  @PrimaryColumn({ name: 'namespace_id', type: 'bigint', primaryKeyConstraintName: KEY })
  namespaceId!: string;

  /** The transaction, as pg_current_xact_id() tells. */
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: KEY })
  at!: string;

  @PrimaryColumn({ name: 'work_spec_id', type: 'bigint', primaryKeyConstraintName: KEY })
  workSpecId!: string;
}
