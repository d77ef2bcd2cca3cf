import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The session of somebody who has signed in. */
@Entity({ name: 'session', schema: 'coordinate' })
@Index('session_holder', ['holder', 'begins'])
@Index('session_ends', ['ends'])
export class SessionEntity {
  /** Of the id that the browser has, which is kept nowhere. */
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'session_pkey' })
  hash!: Buffer;

  @Column({ type: 'bytea' })
  holder!: Buffer;

  /** A text. */
  @Column({ type: 'bytea' })
  basis!: Buffer;

  @Column({ type: 'bigint' })
  begins!: string;

  @Column({ type: 'bigint' })
  ends!: string;
}
