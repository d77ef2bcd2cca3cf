import type { ByteName } from '../../domain/names.js';
import type { WorkUnitQuery } from '../../domain/work-unit.js';
import { leastIndex } from '../../structures/least-index.js';
import { sortedNames } from './sorted-names.js';
import type { SpecWork } from './spec-work.js';
import { statusMask } from './unit-table.js';

/** Goes step by step through the units that a query selects, in the order of their names. */
export class UnitCursor {
  private readonly mask: number;
  private left: number;
  /** The unit that comes next, where that is known. */
  private ahead = 0;
  private given = 0;
  private last: ByteName | null;
  private at = 0;

  /** @param names - those of the query where it has any, sorted, each once */
  constructor(
    { statuses, limit, previous }: WorkUnitQuery,
    private readonly names?: readonly ByteName[],
  ) {
    this.mask = statusMask(statuses);
    this.left = limit ?? Infinity;
    this.last = previous ?? null;
    if (names && previous !== undefined) this.at = firstAfter(names, previous);
  }

  /** Whether there is nothing more to come. */
  get isAtEnd(): boolean {
    return this.left <= 0 || (this.names !== undefined && this.at >= this.names.length);
  }

  /** One step, when it is not at its end. @returns a unit, with which anything may be done; 0 when it found none */
  step(work: SpecWork): number {
    const unit = this.names ? this.named(work, this.names) : this.following(work);
    this.given = unit;
    if (unit !== 0) this.left--;
    return unit;
  }

  /** Others may change the spec before the next step. The unit given last is still there. */
  pause(work: SpecWork): void {
    this.ahead = 0;
    if (this.names === undefined && this.given !== 0) this.last = work.nameOf(this.given);
  }

  private named(work: SpecWork, names: readonly ByteName[]): number {
    const unit = work.idOf(names[this.at++]);
    return unit !== 0 && (this.mask >> work.units.status(unit)) & 1 ? unit : 0;
  }

  private following(work: SpecWork): number {
    const unit = this.ahead !== 0 ? this.ahead : work.order.after(this.last, this.mask);
    this.ahead = unit === 0 ? 0 : work.order.next(unit, this.mask);
    if (this.ahead === 0) this.left = Math.min(this.left, 1);
    if (unit === 0) this.left = 0;
    return unit;
  }
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
