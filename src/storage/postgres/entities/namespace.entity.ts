import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity({ name: 'namespace', schema: 'coordinate' })
@Index('namespace_name', ['name'], { unique: true })
@Index('namespace_changes', ['id'], { where: 'changes_from IS NOT NULL' })
export class NamespaceEntity {
  @PrimaryColumn({
    type: 'bigint',
    default: () => `nextval('coordinate.object_id')`,
    primaryKeyConstraintName: 'namespace_pkey',
  })
  id!: string;

  /** UTF-8; bytes, for the database's own text type can't hold U+0000. */
  @Column({ type: 'bytea' })
  name!: Buffer;

  /** The first transaction whose changes are all still noted in WorkSpecChangeEntity; null: they are not noted. */
  @Column({ name: 'changes_from', type: 'bigint', nullable: true })
  changesFrom!: string | null;
}
