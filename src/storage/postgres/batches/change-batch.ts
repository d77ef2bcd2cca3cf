import { NoSuchWorkSpecError } from '../../../domain/errors.js';
import { putUnit } from '../../../domain/unit-rules.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import type { SpecHead } from '../units/spec-head.js';
import type { PastAttempt, UnitImage } from '../units/unit-image.js';
import { ChangedInThisTransaction } from '../units/unit-image.js';
import type { Connection } from '../wire/connection.js';
import { ROLLBACK } from '../wire/statement.js';
import type { Chained } from './locked-rows.js';
import { LockedRows, TakesLong } from './locked-rows.js';
import { endStraight, type EndTools } from './straight-ends.js';
import type { ChangeJob, UnitChange } from './unit-change.js';
import { UnitTransaction } from './unit-transaction.js';

/**
 * Carries out changes in one transaction.
 * @returns those that have to wait for another one
 */
export async function runChanges(
  connection: Connection,
  shard: number,
  tools: ChangeTools,
  jobs: readonly ChangeJob[],
): Promise<ChangeJob[]> {
  const { directory, tidings, runAlone } = tools;
  const find = (some: readonly ChangeJob[]): Promise<void> =>
    directory.findSpecs(
      connection,
      some.map(({ work }) => work.target),
    );
  await find(jobs);
  const rest = await endStraight(connection, shard, tools, jobs);
  if (rest.length === 0) return [];
  // Other lanes may have forgotten a spec meanwhile, of which there is another by now.
  await find(rest);
  const batch = new ChangeBatch(new UnitTransaction(connection, shard, directory, tidings), directory);
  const later = await batch.run(rest);
  if (!batch.long) return later;
  // What it had done before it came to that is undone, and done again without it.
  await connection.run([ROLLBACK]);
  const { long } = batch;
  runAlone(long.work).then(
    (value) => long.answer(() => value),
    (error: unknown) => long.fail(error),
  );
  return rest.filter((job) => job !== long && !job.isDone);
}

/** What changes are carried out with. */
export interface ChangeTools extends EndTools {
  /** Carries out a change that takes long. */
  readonly runAlone: (work: UnitChange<unknown>) => Promise<unknown>;
}

class ChangeBatch {
  private readonly chained: Chained[] = [];
  private readonly later: ChangeJob[] = [];
  /** One that turned out to take long, for which nothing has been committed. */
  long: ChangeJob | undefined;

  constructor(
    private readonly transaction: UnitTransaction,
    private readonly directory: SpecDirectory,
  ) {}

  async run(jobs: readonly ChangeJob[]): Promise<ChangeJob[]> {
    const { transaction, directory } = this;
    // The heads as they are now: while this waits for the database, other lanes may forget them or read newer ones.
    const known: { job: ChangeJob; spec: SpecHead }[] = [];
    for (const job of jobs) {
      const spec = directory.headOf(job.work.target);
      if (!spec) job.fail(new NoSuchWorkSpecError(job.work.target.workSpec));
      else known.push({ job, spec });
    }
    if (known.length === 0) return [];
    const wishes = known.flatMap(({ job: { work }, spec }) => {
      const withData = work.needsData?.(spec) ?? false;
      return work.names.map((name) => ({ workSpecId: spec.id, name, withData }));
    });
    const versions = await transaction.lock(wishes, [...new Set(known.map(({ spec }) => spec.id))]);
    await directory.refresh(transaction.connection, versions);

    const present: { job: ChangeJob; spec: SpecHead }[] = [];
    for (const each of known) {
      const version = versions.get(each.spec.id);
      if (version === undefined) directory.forgetSpec(each.spec.id);
      // What was asked of the units by another version of the spec may be too little.
      if (version === each.spec.version) present.push(each);
      else this.later.push(each.job);
    }
    const answers = this.apply(present, await this.readPast(present));
    if (this.long) return [];
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
        answers.push({
          job,
          answer: job.work.apply(new LockedRows(this.transaction, spec, this.chained, past.get(job))),
        });
      } catch (error) {
        if (error instanceof ChangedInThisTransaction) this.later.push(job);
        else if (error instanceof TakesLong) {
          this.long = job;
          break;
        } else {
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
    const { transaction, directory } = this;
    // What is described by very long data has been left to who carries it out by itself.
    let left = this.chained.flatMap(({ units, ...each }) => ('in' in units ? [] : [{ ...each, units }]));
    const gone = new Set<number>();
    // Again as long as a spec that was there by its name is gone, for another one may be there by that name since.
    while (left.length > 0) {
      const ids = await directory.findSpecsIn(transaction.connection, left, gone);
      const targets = left.flatMap((each, i) => (ids[i] === undefined ? [] : [{ ...each, id: ids[i] }]));
      if (targets.length === 0) return;
      const versions = await transaction.lock(
        targets.flatMap(({ id, units }) => units.map(({ name }) => ({ workSpecId: id, name, withData: false }))),
        [...new Set(targets.map(({ id }) => id))],
      );
      for (const { id, units } of targets) {
        if (!versions.has(id)) {
          directory.forgetSpec(id);
          gone.add(id);
          continue;
        }
        for (const unit of units) putUnit(transaction.unitsOf(id), unit, transaction.now);
      }
      left = targets.filter(({ id }) => gone.has(id));
    }
  }
}
