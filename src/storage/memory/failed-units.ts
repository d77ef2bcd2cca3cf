import { causeId, causeNumber, MAX_CAUSES, OTHER } from '../../domain/cause.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { FailureGroup } from '../../domain/work-unit.js';
import { FAILURE_EXAMPLES } from '../../domain/work-unit.js';
import { LinkedList } from './structures/linked-list.js';
import { noteHeap } from './structures/off-heap.js';
import { OrderedIndex } from './structures/ordered-index.js';
import type { UnitTable } from './unit-table.js';
import { NEXT, POSITION, PREVIOUS } from './unit-table.js';

/** About what a cause takes on the heap. */
const CAUSE_BYTES = 1_000;
/** So many causes of which there is no unit are kept for the next that comes: a new one takes room outside the heap. */
const KEPT = 16;
/** A category of the index of names in which there is nothing. */
const RANKED = 1;

/** What is asked of the units' names. */
export interface UnitNames {
  compareName(id: number, name: ByteName): number;
  nameOf(id: number): ByteName;
}

/**
 * The failed units of a work spec, and of each cause those that failed by it: in the order in which they did, and in that of
 * their names. A unit's record says which cause it is in a field that only pending and delayed units need otherwise. No operation costs
 * time in proportion to the units; what is about all causes, in proportion to those.
 */
export class FailedUnits {
  /** By the number in the records of units, which is never 0. Those of causes that are gone are used again. */
  private readonly causes: (UnitsOfCause | undefined)[] = [undefined];
  private readonly byText = new Map<string, UnitsOfCause>();
  /** Those without units, the one that has been so longest first. */
  private readonly unused = new Set<UnitsOfCause>();
  private units = 0;

  constructor(
    private readonly table: UnitTable,
    private readonly names: UnitNames,
  ) {}

  get size(): number {
    return this.units;
  }

  /** Bytes reserved for the indexes. */
  get bytesReserved(): number {
    return this.causes.reduce((bytes, cause) => bytes + (cause?.order.bytesReserved ?? 0), 0);
  }

  /** The unit that failed first of all, 0 = none. */
  get head(): number {
    let oldest = 0;
    for (const cause of this.byText.values()) {
      const { head } = cause.list;
      if (head !== 0 && (oldest === 0 || this.table.moment(head) < this.table.moment(oldest))) oldest = head;
    }
    return oldest;
  }

  /** Those that failed after a moment, the last one first; so many at most. Of each cause it looks at no more than that. */
  since(moment: Micros, limit: number): number[] {
    const found: number[] = [];
    for (const { list } of this.byText.values()) {
      let unit = list.tail;
      for (let left = limit; unit !== 0 && left > 0 && this.table.moment(unit) > moment; left--) {
        found.push(unit);
        unit = list.previous(unit);
      }
    }
    return found.sort((a, b) => this.table.moment(b) - this.table.moment(a)).slice(0, limit);
  }

  /** Adds a unit that has just failed. */
  add(unit: number, text: string): void {
    const cause = this.byText.get(text) ?? this.begin(text);
    if (cause.list.size === 0) this.unused.delete(cause);
    this.table.records.setInt(unit, POSITION, cause.slot);
    cause.list.append(unit);
    cause.order.insert(unit, this.names.nameOf(unit));
    this.units++;
  }

  remove(unit: number): void {
    const cause = this.causeOf(unit);
    cause.list.remove(unit);
    cause.order.remove(unit);
    this.table.records.setInt(unit, POSITION, 0);
    this.units--;
    this.endIfUnused(cause);
  }

  /** Why a failed unit did. */
  textOf(unit: number): string {
    return this.causeOf(unit).text;
  }

  numberOf(unit: number): number {
    return this.causeOf(unit).number;
  }

  /** The units of a cause by their names, each of category 0; undefined: there are none. */
  orderOf(number: number): OrderedIndex | undefined {
    for (const cause of this.byText.values()) if (cause.number === number) return cause.order;
    return undefined;
  }

  countOf(number: number): number {
    return this.orderOf(number)?.size ?? 0;
  }

  /** Keeps the cause of a unit whose record is copied, until it is released by what the record says. */
  retain(unit: number): void {
    this.causeOf(unit).copies++;
  }

  textAt(slot: number): string {
    return this.causes[slot]!.text;
  }

  release(slot: number): void {
    const cause = this.causes[slot]!;
    cause.copies--;
    this.endIfUnused(cause);
  }

  groups(limit: number): FailureGroup[] {
    return [...this.byText.values()]
      .filter(({ list }) => list.size > 0)
      .sort((a, b) => b.list.size - a.list.size || (a.text < b.text ? -1 : 1))
      .slice(0, limit)
      .map(({ text, number, list, order }) => ({
        id: causeId(number),
        cause: text,
        count: list.size,
        first: this.table.moment(list.head),
        last: this.table.moment(list.tail),
        examples: this.firstOf(order),
      }));
  }

  private firstOf(order: OrderedIndex): ByteName[] {
    const first: ByteName[] = [];
    for (let unit = order.after(null, 1); unit !== 0 && first.length < FAILURE_EXAMPLES; unit = order.next(unit, 1)) {
      first.push(this.names.nameOf(unit));
    }
    return first;
  }

  private causeOf(unit: number): UnitsOfCause {
    return this.causes[this.table.records.getInt(unit, POSITION)]!;
  }

  private begin(text: string): UnitsOfCause {
    const { byText, unused } = this;
    if (text !== OTHER && byText.size - unused.size >= MAX_CAUSES) return byText.get(OTHER) ?? this.begin(OTHER);
    const cause = unused.size > KEPT ? this.takeUnused() : this.make();
    cause.text = text;
    cause.number = causeNumber(text);
    byText.set(text, cause);
    return cause;
  }

  private make(): UnitsOfCause {
    noteHeap(CAUSE_BYTES);
    const cause = new UnitsOfCause(this.causes.length, this.table, this.names);
    this.causes.push(cause);
    return cause;
  }

  private takeUnused(): UnitsOfCause {
    const [cause] = this.unused;
    this.unused.delete(cause);
    this.byText.delete(cause.text);
    return cause;
  }

  private endIfUnused(cause: UnitsOfCause): void {
    if (cause.list.size === 0 && cause.copies === 0) this.unused.add(cause);
  }
}

class UnitsOfCause {
  text = '';
  number = 0;
  readonly list: LinkedList;
  readonly order: OrderedIndex;
  /** How many copies of records of units need it. */
  copies = 0;

  constructor(
    readonly slot: number,
    table: UnitTable,
    names: UnitNames,
  ) {
    this.list = new LinkedList(table.records, PREVIOUS, NEXT);
    this.order = new OrderedIndex(
      {
        compareName: (id, name) => names.compareName(id, name),
        leafOf: (id) => table.causeLeaf(id),
        setLeafOf: (id, leaf) => table.setCauseLeaf(id, leaf),
        categoryOf: () => 0,
        rankOf: () => 0,
      },
      { categories: RANKED + 1, ranked: RANKED },
    );
  }
}
