import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import type { NewWorkUnit } from '../../../domain/work-unit.js';
import { notBeforeOf } from '../../../domain/work-unit.js';
import { NoSuchWorkSpecError } from '../../../domain/errors.js';
import type { Surroundings } from '../units/attempt-rules.js';
import type { SpecDirectory, SpecName } from '../units/spec-directory.js';
import type { SpecHead } from '../units/spec-head.js';
import type { PastAttempt, UnitImage } from '../units/unit-image.js';
import { ChangedInThisTransaction } from '../units/unit-image.js';
import type { Connection } from '../wire/connection.js';
import type { Job } from './batcher.js';
import type { StraightEnd } from './straight-ends.js';
import { endStraight } from './straight-ends.js';
import { UnitTransaction } from './unit-transaction.js';

/** A change of units of one work spec. Many are carried out in one transaction, one after another. */
export interface UnitChange<T> {
  readonly target: SpecName;
  /** The units to lock. */
  readonly names: readonly ByteName[];
  /** Whether their data are needed, given the spec. */
  needsData?(spec: SpecHead): boolean;
  /** The attempt that it is about, of the first unit: looked for in the history when it is not the latest. */
  readonly attemptNumber?: number;
  /**
   * Changes what has been locked; called again from the start when the transaction has to be.
   * @returns what gives the answer once the transaction has ended. What either throws is the answer too; what `apply`
   * throws comes before it has changed anything.
   */
  apply(step: Step): () => T;
  /** What it does to a pending attempt of the unit, where it ends that: `apply` and this come to the same. */
  readonly end?: StraightEnd<T>;
}

export type ChangeJob = Job<UnitChange<unknown>>;

/** Units that finished data chain into another spec. */
interface Chained {
  readonly namespaceId: number;
  readonly workSpec: string;
  readonly units: NewWorkUnit[];
}

/** What a change sees. */
export class Step implements Surroundings {
  constructor(
    private readonly transaction: UnitTransaction,
    readonly spec: SpecHead,
    private readonly chained: Chained[],
    /** The attempt asked for, where it is in the history. */
    readonly past: PastAttempt | undefined,
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

  put(unit: NewWorkUnit): void {
    this.transaction
      .imageToAdd(this.spec.id, unit.name)
      .put({ data: unit.data, priority: unit.priority, notBefore: notBeforeOf(unit, this.now) }, this.now);
  }

  ensureWorker(name: ByteName): void {
    this.transaction.ensureWorker(this.spec.namespaceId, name);
  }

  chain(units: NewWorkUnit[]): void {
    const { namespaceId, meta } = this.spec;
    this.chained.push({ namespaceId, workSpec: meta.nextWorkSpecName, units });
  }
}

/**
 * Carries out changes in one transaction.
 * @returns those that have to wait for another one
 */
export async function runChanges(
  connection: Connection,
  shard: number,
  directory: SpecDirectory,
  jobs: readonly ChangeJob[],
): Promise<ChangeJob[]> {
  await directory.findSpecs(
    connection,
    jobs.map(({ work }) => work.target),
  );
  const rest = await endStraight(connection, shard, directory, jobs);
  if (rest.length === 0) return [];
  const batch = new ChangeBatch(new UnitTransaction(connection, shard, (id) => directory.observerOf(id)), directory);
  return batch.run(rest);
}

class ChangeBatch {
  private readonly chained: Chained[] = [];
  private readonly later: ChangeJob[] = [];

  constructor(
    private readonly transaction: UnitTransaction,
    private readonly directory: SpecDirectory,
  ) {}

  async run(jobs: readonly ChangeJob[]): Promise<ChangeJob[]> {
    const { transaction, directory } = this;
    const known: { job: ChangeJob; id: number }[] = [];
    for (const job of jobs) {
      const id = directory.idOf(job.work.target);
      if (id === undefined) job.fail(new NoSuchWorkSpecError(job.work.target.workSpec));
      else known.push({ job, id });
    }
    if (known.length === 0) return [];
    const wishes = known.flatMap(({ job: { work }, id }) => {
      const head = directory.head(id)!;
      const withData = work.needsData?.(head) ?? false;
      return work.names.map((name) => ({ workSpecId: id, name, withData }));
    });
    const versions = await transaction.lock(wishes, [...new Set(known.map(({ id }) => id))]);
    const seen = new Map(known.map(({ id }) => [id, directory.head(id)!.version]));
    await directory.refresh(transaction.connection, versions);

    const present: { job: ChangeJob; spec: SpecHead }[] = [];
    for (const { job, id } of known) {
      const version = versions.get(id);
      if (version === undefined) directory.forgetSpec(id);
      // What was asked of the units by an older version of the spec may be too little.
      if (version === undefined || version !== seen.get(id)) this.later.push(job);
      else present.push({ job, spec: directory.head(id)! });
    }
    const answers = this.apply(present, await this.readPast(present));
    await this.addChained();
    await transaction.commit();
    for (const { job, answer } of answers) job.answer(answer);
    return this.later;
  }

  /** The attempts asked for that are no longer their unit's latest. */
  private async readPast(
    jobs: readonly { job: ChangeJob; spec: SpecHead }[],
  ): Promise<Map<ChangeJob, PastAttempt | undefined>> {
    const wanted: { job: ChangeJob; unit: UnitImage; number: number }[] = [];
    for (const { job, spec } of jobs) {
      const { attemptNumber: number, names } = job.work;
      if (number === undefined) continue;
      const unit = this.transaction.image(spec.id, names[0]);
      if (unit?.latest && unit.latest.number !== number) wanted.push({ job, unit, number });
    }
    const found = await this.transaction.readPast(wanted);
    return new Map(wanted.map(({ job }, i) => [job, found[i]]));
  }

  private apply(
    jobs: readonly { job: ChangeJob; spec: SpecHead }[],
    past: ReadonlyMap<ChangeJob, PastAttempt | undefined>,
  ): { job: ChangeJob; answer: () => unknown }[] {
    const answers: { job: ChangeJob; answer: () => unknown }[] = [];
    for (const { job, spec } of jobs) {
      try {
        answers.push({ job, answer: job.work.apply(new Step(this.transaction, spec, this.chained, past.get(job))) });
      } catch (error) {
        if (error instanceof ChangedInThisTransaction) this.later.push(job);
        else {
          answers.push({
            job,
            answer: () => {
              throw error;
            },
          });
        }
      }
    }
    return answers;
  }

  /** Adds what finished units chain into other specs. A spec that is not there adds nothing. */
  private async addChained(): Promise<void> {
    const { transaction, directory, chained } = this;
    let left: readonly Chained[] = chained;
    // Twice at most: a spec that this daemon knew may be gone and another one there by its name.
    for (let round = 0; round < 2 && left.length > 0; round++) {
      await directory.findSpecsIn(
        transaction.connection,
        left.filter(({ namespaceId, workSpec }) => directory.idIn(namespaceId, workSpec) === undefined),
      );
      const targets = left.flatMap((each) => {
        const id = directory.idIn(each.namespaceId, each.workSpec);
        return id === undefined ? [] : [{ ...each, id }];
      });
      if (targets.length === 0) return;
      const versions = await transaction.lock(
        targets.flatMap(({ id, units }) => units.map(({ name }) => ({ workSpecId: id, name, withData: false }))),
        [...new Set(targets.map(({ id }) => id))],
      );
      for (const { id, units } of targets) {
        if (!versions.has(id)) {
          directory.forgetSpec(id);
          continue;
        }
        for (const unit of units) {
          const content = { ...unit, notBefore: notBeforeOf(unit, transaction.now) };
          transaction.imageToAdd(id, unit.name).put(content, transaction.now);
        }
      }
      left = targets.filter(({ id }) => !versions.has(id));
    }
  }
}
