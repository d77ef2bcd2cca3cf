import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

const KEY = 'worker_done_pkey';

/** How many units a worker has finished in a span of five minutes: the sum of what all daemons have written. */
@Entity({ name: 'worker_done', schema: 'coordinate' })
@Index('worker_done_span', ['span'])
export class WorkerDoneEntity {
  @PrimaryColumn({ name: 'namespace_id', type: 'bigint', primaryKeyConstraintName: KEY })
  namespaceId!: string;

  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: KEY })
  worker!: Buffer;

  /** When it began, in microseconds. */
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: KEY })
  span!: string;

  @Column({ type: 'bigint' })
  finished!: string;
}
