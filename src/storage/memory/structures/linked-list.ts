import type { RecordTable } from './record-table.js';

/**
 * A doubly linked list whose links are in two int fields of its members' records; 0 = none. Ids are 1 or more; a member
 * can be in one list only per pair of fields. Every operation is O(1).
 */
export class LinkedList {
  private first = 0;
  private last = 0;
  private members = 0;

  constructor(
    private readonly records: RecordTable,
    private readonly previousField: number,
    private readonly nextField: number,
  ) {}

  /** The first member, 0 = none. */
  get head(): number {
    return this.first;
  }

  /** The last member, 0 = none. */
  get tail(): number {
    return this.last;
  }

  get size(): number {
    return this.members;
  }

  /** The member after this one, 0 = none. */
  next(id: number): number {
    return this.records.getInt(id, this.nextField);
  }

  /** The member before this one, 0 = none. */
  previous(id: number): number {
    return this.records.getInt(id, this.previousField);
  }

  /** Puts it at the end. It must not be in the list already. */
  append(id: number): void {
    const { records, previousField, nextField, last } = this;
    records.setInt(id, previousField, last);
    records.setInt(id, nextField, 0);
    if (last === 0) this.first = id;
    else records.setInt(last, nextField, id);
    this.last = id;
    this.members++;
  }

  /** Takes it out and zeroes its links. It must be in the list. */
  remove(id: number): void {
    const { records, previousField, nextField } = this;
    const previous = records.getInt(id, previousField);
    const next = records.getInt(id, nextField);
    if (previous === 0) this.first = next;
    else records.setInt(previous, nextField, next);
    if (next === 0) this.last = previous;
    else records.setInt(next, previousField, previous);
    records.setInt(id, previousField, 0);
    records.setInt(id, nextField, 0);
    this.members--;
  }
}
