import type { Candidate } from '../../domain/draw.js';
import { outputUnits } from '../../domain/chaining.js';
import type { Micros } from '../../domain/time.js';
import type { WorkSpec, WorkSpecDefinition, WorkSpecMeta } from '../../domain/work-spec.js';
import { atPresent } from '../../domain/work-spec.js';
import type { EncodedData } from '../../domain/work-unit.js';
import { notBeforeOf } from '../../domain/work-unit.js';
import type { WorkObserver } from '../storage-observer.js';
import { SpecWork } from './spec-work.js';
import { AVAILABLE, PENDING } from './unit-table.js';
import type { NamespaceState } from './namespace-state.js';
import type { WorkerDirectory } from './worker-directory.js';

/** A work spec: its definition and control values, and its units and attempts. The draw looks at it as it is. */
export class SpecState implements Candidate {
  definition: WorkSpec;
  work: SpecWork;
  readonly observer: WorkObserver;

  constructor(
    private readonly namespace: NamespaceState,
    definition: WorkSpecDefinition,
  ) {
    this.definition = own(definition);
    this.observer = namespace.observers.workOf(namespace.name, definition.name);
    this.work = new SpecWork(namespace.workers, this.observer);
  }

  get workers(): WorkerDirectory {
    return this.namespace.workers;
  }

  /** Takes a new definition. next_continuous stays, so that a continuous unit does not come early for it. */
  redefine(definition: WorkSpecDefinition): void {
    const { nextContinuous, lastContinuous } = this.definition.meta;
    this.definition = own(definition);
    Object.assign(this.definition.meta, { nextContinuous, lastContinuous });
  }

  /** Its control values, after a look at whether the clock has been set back. */
  metaAt(now: Micros): WorkSpecMeta {
    const { definition } = this;
    return (definition.meta = atPresent(definition.meta, now));
  }

  get priority(): number {
    return this.definition.meta.priority;
  }

  get weight(): number {
    return this.definition.meta.weight;
  }

  get pending(): number {
    return this.work.count(PENDING);
  }

  get available(): number {
    return this.work.count(AVAILABLE);
  }

  nextAttemptNumber(): number {
    return this.namespace.numbers.next();
  }

  /** Whether it could give out work now. */
  canGiveWork(now: Micros, availableGb: number): boolean {
    const { meta } = this.definition;
    if (meta.paused || meta.weight <= 0) return false;
    if (meta.maxRunning > 0 && this.pending >= meta.maxRunning) return false;
    if (availableGb > 0 && meta.minMemoryGb > availableGb) return false;
    return this.available > 0 || this.canStartContinuous(now);
  }

  canStartContinuous(now: Micros): boolean {
    if (!this.definition.meta.continuous || this.available > 0 || this.pending > 0) return false;
    return this.metaAt(now).nextContinuous <= now;
  }

  /** How many units one claim that asks for `asked` may take. */
  batchSize(asked: number): number {
    const { maxAttemptsReturned, maxRunning } = this.definition.meta;
    let size = asked;
    if (maxAttemptsReturned > 0) size = Math.min(size, maxAttemptsReturned);
    if (maxRunning > 0) size = Math.min(size, maxRunning - this.pending);
    return size;
  }

  /**
   * Reads the units that finished data chain into the next spec, without changing anything yet.
   * @returns what adds them, or undefined when there is nothing to add
   */
  prepareChain(data: EncodedData, now: Micros): (() => void) | undefined {
    const { nextWorkSpecName } = this.definition.meta;
    if (nextWorkSpecName === '') return undefined;
    const next = this.namespace.specs.get(nextWorkSpecName);
    if (!next) return undefined;
    const units = outputUnits(data);
    if (units.length === 0) return undefined;
    return () => {
      next.work.settle(now);
      for (const unit of units) next.work.put({ ...unit, notBefore: notBeforeOf(unit, now) }, now);
    };
  }

  /** Drops all units at once, whatever their number. */
  dropWork(): void {
    this.work.attempts.forgetAll();
    this.work = new SpecWork(this.workers, this.observer);
  }
}

/** A copy that nobody else changes. */
function own(definition: WorkSpecDefinition): WorkSpec {
  return { ...definition, data: Buffer.from(definition.data), meta: { ...definition.meta } };
}
