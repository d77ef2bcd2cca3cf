import type { ByteName } from '../../domain/names.js';
import type { WorkUnitQuery } from '../../domain/work-unit.js';
import { leastIndex } from '../../structures/least-index.js';
import { sortedNames } from './sorted-names.js';
import type { SpecWork } from './spec-work.js';
import type { OrderedIndex } from './structures/ordered-index.js';
import { FAILED, PENDING, statusMask } from './unit-table.js';

/** All units of an index that holds those of one cause. */
const OF_CAUSE = 1;

/** Goes step by step through the units that a query selects, in the order of their names. */
export class UnitCursor {
  private readonly mask: number;
  private left: number;
  /** The unit that comes next, where that is known. */
  private ahead = 0;
  private given = 0;
  private last: ByteName | null;
  private at = 0;
  /** Nothing comes after the unit given last. */
  private isLast = false;

  /**
   * @param query of which `worker` is looked at only where there are names
   * @param names those of the query where it has any, sorted, each once
   */
  constructor(
    private readonly query: WorkUnitQuery,
    private readonly names?: readonly ByteName[],
  ) {
    const { statuses, limit, previous } = query;
    this.mask = statusMask(statuses);
    this.left = limit ?? Infinity;
    this.last = previous ?? null;
    if (names && previous !== undefined) this.at = firstAfter(names, previous);
  }

  /** Whether there is nothing more to come. */
  get isAtEnd(): boolean {
    return this.left <= 0 || this.isExhausted;
  }

  /** Whether that is because all have been looked at. */
  get isExhausted(): boolean {
    return this.names ? this.at >= this.names.length : this.isLast;
  }

  /** The last name that was looked at; null: none was. */
  lookedTo(work: SpecWork): ByteName | null {
    if (this.names) return this.names[this.at - 1] ?? null;
    return this.given === 0 ? this.last : work.nameOf(this.given);
  }

  /** One step, when it is not at its end. @returns a unit, with which anything may be done; 0 when it found none */
  step(work: SpecWork): number {
    const unit = this.names ? this.named(work, this.names) : this.following(work);
    this.given = unit;
    if (unit === 0 || !this.hasPart(work, unit)) return 0;
    this.left--;
    return unit;
  }

  /** Others may change the spec before the next step. The unit given last is still there, or has been noted. */
  pause(work: SpecWork): void {
    this.note(work);
    this.ahead = 0;
  }

  /** The unit given last may go before the next pause. */
  note(work: SpecWork): void {
    if (this.names === undefined && this.given !== 0) this.last = work.nameOf(this.given);
    this.given = 0;
  }

  private named(work: SpecWork, names: readonly ByteName[]): number {
    const unit = work.idOf(names[this.at++]);
    if (unit === 0 || !((this.mask >> work.units.status(unit)) & 1)) return 0;
    const { failure, worker, prefix } = this.query;
    if (failure !== undefined && (work.units.status(unit) !== FAILED || work.failed.numberOf(unit) !== failure))
      return 0;
    if (worker !== undefined && holderOf(work, unit) !== worker) return 0;
    return prefix === undefined || work.nameOf(unit).startsWith(prefix) ? unit : 0;
  }

  private following(work: SpecWork): number {
    const { failure } = this.query;
    const index =
      failure === undefined ? work.order : (this.mask >> FAILED) & 1 ? work.failed.orderOf(failure) : undefined;
    const mask = failure === undefined ? this.mask : OF_CAUSE;
    const unit = this.ahead !== 0 || index === undefined ? this.ahead : this.within(work, this.first(index, mask));
    this.ahead = unit === 0 || index === undefined ? 0 : this.within(work, index.next(unit, mask));
    if (this.ahead === 0) this.isLast = true;
    return unit;
  }

  private first(index: OrderedIndex, mask: number): number {
    const { prefix } = this.query;
    if (prefix !== undefined && (this.last === null || this.last < prefix)) return index.atLeast(prefix, mask);
    return index.after(this.last, mask);
  }

  /** The unit, if it has not gone beyond the names that begin as they are to. */
  private within(work: SpecWork, unit: number): number {
    const { prefix } = this.query;
    return unit === 0 || prefix === undefined || work.nameOf(unit).startsWith(prefix) ? unit : 0;
  }

  private hasPart(work: SpecWork, unit: number): boolean {
    const { contains } = this.query;
    return contains === undefined || work.nameOf(unit).includes(contains);
  }
}

/** The worker that holds a unit; undefined: nobody does. */
function holderOf(work: SpecWork, unit: number): ByteName | undefined {
  return work.units.status(unit) === PENDING ? work.attempts.workerOf(work.units.latest(unit)).name : undefined;
}

/** The ids of the units that a query selects, in the order of their names. */
export function selectUnits(work: SpecWork, query: WorkUnitQuery): number[] {
  const cursor = new UnitCursor(query, query.names && sortedNames(query.names));
  const selected: number[] = [];
  while (!cursor.isAtEnd) {
    const unit = cursor.step(work);
    if (unit !== 0) selected.push(unit);
  }
  return selected;
}

/** The place of the first name that is greater. */
function firstAfter(names: readonly ByteName[], previous: ByteName): number {
  return leastIndex(names.length, (index) => names[index] > previous);
}
