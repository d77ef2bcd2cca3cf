import { shortOutputUnits } from '../../../domain/chaining.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import type { EncodedData } from '../../../domain/data.js';
import type { NewWorkUnit } from '../../../domain/work-unit.js';
import { notBeforeOf } from '../../../domain/work-unit.js';
import type { ChangeContext } from '../units/attempt-rules.js';
import type { SpecHead } from '../units/spec-head.js';
import type { PastAttempt, StoredAttempt, UnitImage } from '../units/unit-image.js';
import { ChangedInThisTransaction } from '../units/unit-image.js';
import type { UnitTransaction } from './unit-transaction.js';

/** Units that finished data chain into another spec. */
export interface Chained {
  readonly namespaceId: number;
  readonly workSpec: string;
  /** They, or the finished data that describe very many. */
  readonly units: readonly NewWorkUnit[] | { readonly in: EncodedData };
}

/** A change takes longer than those beside it should have to wait: it is to be carried out by itself. */
export class TakesLong extends Error {}

/** Outputs that are chained beside other changes, at most. */
const SHORT = 2000;

/** The rows that a transaction has locked for a change, and what else the change may do. */
export class LockedRows implements ChangeContext {
  constructor(
    private readonly transaction: UnitTransaction,
    readonly spec: SpecHead,
    private readonly chained: Chained[],
    /** The attempt asked for, where it is in the history. */
    readonly past: PastAttempt | undefined,
    /** Whether it is carried out by itself. */
    private readonly isAlone = false,
  ) {}

  get now(): Micros {
    return this.transaction.now;
  }

  /** @returns undefined when there is no such unit */
  find(name: ByteName): UnitImage | undefined {
    const unit = this.transaction.image(this.spec.id, name);
    if (unit?.deleted) return undefined;
    if (unit && !unit.stored) throw new ChangedInThisTransaction();
    return unit;
  }

  /** Adds all of some units, or none of them when this has to wait for another transaction. */
  put(units: readonly NewWorkUnit[]): void {
    const { transaction, spec, now } = this;
    if (units.some(({ name }) => transaction.image(spec.id, name)?.deleted)) throw new ChangedInThisTransaction();
    for (const unit of units) {
      const { name, data, priority } = unit;
      transaction.imageToAdd(spec.id, name).put({ data, priority, notBefore: notBeforeOf(unit, now) }, now);
    }
  }

  /** The attempt of a unit that has a number: its latest, or one of the history, if that has been asked for. */
  attemptOf(unit: UnitImage, number: number): StoredAttempt | undefined {
    if (unit.latest?.number === number) return unit.latest;
    // One that another change of this transaction has just put into the history can't be changed there yet.
    if (unit.superseded?.number === number) throw new ChangedInThisTransaction();
    return this.past?.attempt;
  }

  ensureWorker(name: ByteName): void {
    this.transaction.ensureWorker(this.spec.namespaceId, name);
  }

  chain(data: EncodedData): void {
    const { namespaceId, meta } = this.spec;
    const units = shortOutputUnits(data, SHORT);
    if (!units && !this.isAlone) throw new TakesLong();
    if (units?.length === 0) return;
    this.chained.push({ namespaceId, workSpec: meta.nextWorkSpecName, units: units ?? { in: data } });
  }
}
