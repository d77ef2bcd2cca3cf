import { shortOutputUnits } from '../../../domain/chaining.js';
import type { ByteName } from '../../../domain/names.js';
import { type Retrying, retryingOf } from '../../../domain/retry-rules.js';
import type { Micros } from '../../../domain/time.js';
import type { EncodedData } from '../../../domain/data.js';
import type { SpecPort } from '../../../domain/unit-port.js';
import { putUnit } from '../../../domain/unit-rules.js';
import type { NewWorkUnit } from '../../../domain/work-unit.js';
import type { SpecHead } from '../units/spec-head.js';
import type { AttemptImage } from '../units/attempt-image.js';
import type { PastAttempt, UnitImage } from '../units/unit-image.js';
import { ChangedInThisTransaction } from '../units/unit-image.js';
import { attemptsOf, HISTORY_PIECE } from './writes/history-deletion.js';
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
export class LockedRows implements SpecPort<ByteName> {
  /** What the attempt puts out that is finishing just now. */
  private output: Chained['units'] = [];

  constructor(
    private readonly transaction: UnitTransaction,
    readonly spec: SpecHead,
    private readonly chained: Chained[],
    /** The attempt asked for, where it is in the history. */
    readonly past: PastAttempt | undefined,
    /** Whether it is carried out by itself. */
    private readonly isAlone = false,
  ) {}

  get retrying(): Retrying | undefined {
    return retryingOf(this.spec.meta.flow, this.transaction.known.random);
  }

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
    const added = transaction.unitsOf(spec.id);
    for (const unit of units) putUnit(added, unit, now);
  }

  /**
   * Deletes all of some units, or none of them.
   * @throws TakesLong where they have a longer history than others are to wait for, ChangedInThisTransaction where they do so
   * together with those that other changes delete
   */
  delete(units: readonly UnitImage[]): void {
    if (!this.isAlone) {
      const attempts = attemptsOf(units);
      if (attempts > HISTORY_PIECE) throw new TakesLong();
      const others = this.transaction.deletedUnits();
      if (others.length > 0 && attempts + attemptsOf(others) > HISTORY_PIECE) throw new ChangedInThisTransaction();
    }
    for (const unit of units) unit.delete();
  }

  /** The attempt of a unit that has a number: its latest, or one of the history, if that has been asked for. */
  attemptOf(unit: UnitImage, number: number): AttemptImage | undefined {
    if (unit.latest?.number === number) return unit.latest;
    // One that another change of this transaction has just put into the history can't be changed there yet.
    if (unit.superseded?.number === number) throw new ChangedInThisTransaction();
    return this.past?.attempt;
  }

  worker(name: ByteName): ByteName {
    this.transaction.ensureWorker(this.spec.namespaceId, name);
    return name;
  }

  noteReporter(name: ByteName): void {
    this.worker(name);
  }

  /** The database gives one out when the transaction ends. */
  nextNumber(): number {
    return 0;
  }

  get chains(): boolean {
    return this.spec.meta.nextWorkSpecName !== '';
  }

  /** There is room as long as the database has some. */
  admit(): void {}

  /** @throws TakesLong */
  readOutput(data: EncodedData): void {
    const units = shortOutputUnits(data, SHORT);
    if (!units && !this.isAlone) throw new TakesLong();
    this.output = units ?? { in: data };
  }

  addOutput(): void {
    const { output: units, spec } = this;
    if ('in' in units || units.length > 0) {
      this.chained.push({ namespaceId: spec.namespaceId, workSpec: spec.meta.nextWorkSpecName, units });
    }
  }
}
