import { readingOutput } from '../../../domain/chaining.js';
import { NoSuchWorkSpecError } from '../../../domain/errors.js';
import type { EncodedData } from '../../../domain/data.js';
import { putUnit } from '../../../domain/unit-rules.js';
import type { NewWorkUnit } from '../../../domain/work-unit.js';
import { Slices } from '../../../timing/slices.js';
import type { Tidings } from '../telling/tidings.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import type { SpecHead } from '../units/spec-head.js';
import type { Connection } from '../wire/connection.js';
import { ROLLBACK } from '../wire/statement.js';
import type { UnitChange } from './unit-change.js';
import type { Chained } from './locked-rows.js';
import { LockedRows } from './locked-rows.js';
import { UnitTransaction } from './unit-transaction.js';

/** So many units are locked and written at a time: some ten milliseconds of this process, some more of the database. */
const PIECE = 2000;
/** A piece ends before that with the unit that brings it to so many bytes of data. */
const PIECE_BYTES = 4 << 20;

/**
 * Carries out one change that takes long, in one transaction: units that are added, or chained, are locked and written piece
 * by piece, so that each statement is short and other requests go on in between. Nobody sees any of it before all is there.
 * Locks that others may wait for, of counters and of workers, are taken at the end.
 */
export async function runLong<T>(
  connection: Connection,
  shard: number,
  directory: SpecDirectory,
  tidings: Tidings,
  work: UnitChange<T>,
): Promise<T> {
  for (;;) {
    await directory.findSpecs(connection, [work.target]);
    const spec = directory.headOf(work.target);
    if (!spec) throw new NoSuchWorkSpecError(work.target.workSpec);
    const transaction = new UnitTransaction(connection, shard, directory, tidings);
    const change = new LongChange(transaction, directory, spec);
    const answer = work.units ? await change.add(work.units) : await change.apply(work);
    if (answer) {
      await transaction.commit();
      return answer() as T;
    }
    // The spec is gone, or there is another version of it.
    await connection.run([ROLLBACK]);
  }
}

class LongChange {
  constructor(
    private readonly transaction: UnitTransaction,
    private readonly directory: SpecDirectory,
    private readonly spec: SpecHead,
  ) {}

  /** @returns what gives the answer; undefined when the spec is not what it was taken for */
  async add(units: readonly NewWorkUnit[]): Promise<(() => unknown) | undefined> {
    if (await this.put(this.spec.id, units)) return () => undefined;
    this.directory.forgetSpec(this.spec.id);
    return undefined;
  }

  /** As add, of what changes one unit. */
  async apply(work: UnitChange<unknown>): Promise<(() => unknown) | undefined> {
    const { transaction, directory, spec } = this;
    const withData = work.needsData?.(spec) ?? false;
    const wishes = work.names.map((name) => ({ workSpecId: spec.id, name, withData }));
    const versions = await transaction.lock(wishes, [spec.id]);
    await directory.refresh(transaction.connection, versions);
    const version = versions.get(spec.id);
    if (version === undefined) directory.forgetSpec(spec.id);
    if (version !== spec.version) return undefined;
    const chained: Chained[] = [];
    const rows = new LockedRows(transaction, spec, chained, await this.readPast(work), true);
    let answer: () => unknown;
    try {
      answer = work.apply(rows);
    } catch (error) {
      return () => {
        throw error;
      };
    }
    for (const { namespaceId, workSpec, units } of chained) {
      await this.chain(namespaceId, workSpec, 'in' in units ? await readInSlices(units.in) : units);
    }
    return answer;
  }

  private async readPast({ attemptNumber: number, names }: UnitChange<unknown>) {
    const unit = this.transaction.image(this.spec.id, names[0]);
    if (number === undefined || !unit?.latest || unit.latest.number === number) return undefined;
    return (await this.transaction.readPast([{ unit, number }]))[0];
  }

  /** Adds units to a spec, if it is there. */
  private async chain(namespaceId: number, workSpec: string, units: readonly NewWorkUnit[]): Promise<void> {
    const gone = new Set<number>();
    for (;;) {
      const [id] = await this.directory.findSpecsIn(this.transaction.connection, [{ namespaceId, workSpec }], gone);
      if (id === undefined || units.length === 0 || (await this.put(id, units))) return;
      this.directory.forgetSpec(id);
      gone.add(id);
    }
  }

  /**
   * Adds units to a spec. If that goes while they are written, they go with it: they had been added before.
   * @returns whether it was there when the first of them were
   */
  private async put(workSpecId: number, units: readonly NewWorkUnit[]): Promise<boolean> {
    const { transaction } = this;
    for (let at = 0, end: number; at < units.length; at = end) {
      end = endOfPiece(units, at);
      const piece = units.slice(at, end);
      const wishes = piece.map(({ name }) => ({ workSpecId, name, withData: false }));
      const versions = await transaction.lock(wishes, [workSpecId]);
      if (at === 0 && !versions.has(workSpecId)) return false;
      const { now } = transaction;
      const added = transaction.unitsOf(workSpecId);
      for (const unit of piece) putUnit(added, unit, now);
      await transaction.writeUnits();
    }
    return true;
  }
}

function endOfPiece(units: readonly NewWorkUnit[], at: number): number {
  let end = at;
  for (let bytes = 0; end < units.length && end - at < PIECE && bytes < PIECE_BYTES; end++)
    bytes += units[end].data.length;
  return end;
}

async function readInSlices(data: EncodedData): Promise<NewWorkUnit[]> {
  const slices = new Slices();
  const reading = readingOutput(data);
  let step = reading.next();
  for (; !step.done; step = reading.next()) if (slices.isOver(step.value)) await slices.next();
  return step.value;
}
