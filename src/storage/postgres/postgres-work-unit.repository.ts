import { cancelUnit } from '../../domain/attempt-rules.js';
import type { Attempt, AttemptList, Cancellation } from '../../domain/attempt.js';
import { NoSuchWorkSpecError, NoSuchWorkUnitError, StorageUnavailableError } from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import { bytesOfName } from '../../domain/names.js';
import type {
  FailureGroup,
  MeasuredUnit,
  NameSearch,
  NewWorkUnits,
  PriorityChange,
  SelectedCounts,
  WorkUnit,
  WorkUnitChange,
  WorkUnitQuery,
} from '../../domain/work-unit.js';
import type { Micros } from '../../domain/time.js';
import { MOST_LOOKS, onlyPending } from '../../domain/work-unit.js';
import { changeUnit, clearUnit, prioritizeUnit } from '../../domain/unit-rules.js';
import { WorkUnitRepository } from '../../work-units/work-unit.repository.js';
import { needCancel } from './opening/registration.js';
import type { LockedRows } from './batches/locked-rows.js';
import type { PostgresStore } from './postgres-store.js';
import { rowOfSpec } from './postgres-store.js';
import { READ_ATTEMPT, UNIT_ATTEMPTS } from './sql/reading.sql.js';
import { DROP_UNITS, LOCK_SPEC } from './sql/specs-admin.sql.js';
import { readAttempt } from './units/attempt-view.js';
import { specThing } from './units/things.js';
import { isOfUnit, type UnitImage } from './units/unit-image.js';
import { copyUnits } from './units/copying.js';
import { keepExpired } from './reading/keep-expired.js';
import { PostgresUnitHistory } from './reading/unit-history.js';
import { isSelected, listUnits, namesOf, readWorkUnit } from './reading/unit-listing.js';
import { listFailures } from './reading/failures.js';
import { searchNames } from './reading/name-search.js';
import { countSelected } from './reading/unit-counts.js';
import { News } from './telling/news.js';
import type { Run } from './wire/connection-pool.js';
import { statement } from './wire/statement.js';
import { textParameter } from './wire/values.js';
import { readSpecHead } from './units/spec-head.js';

/** Units changed in one transaction where a query selects many. */
const CHUNK = 1000;
/** Names looked at by one search of those where a query asks for a part of them. */
const SEARCHED = 5000;

export class PostgresWorkUnitRepository extends WorkUnitRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override add(namespace: string, workSpec: string, units: NewWorkUnits): Promise<void> {
    const own = copyUnits(units);
    return this.store.change<void>({
      target: { namespace, workSpec },
      names: own.map(({ name }) => name),
      units: own,
      apply: (rows) => {
        rows.put(own);
        return () => undefined;
      },
    });
  }

  override async get(namespace: string, workSpec: string, name: ByteName): Promise<WorkUnit> {
    const [unit] = await listUnits(this.store, namespace, workSpec, { names: [name] }, 'withData');
    if (!unit) throw new NoSuchWorkUnitError(name);
    return readWorkUnit(unit, workSpec);
  }

  override async getMany(
    namespace: string,
    workSpec: string,
    names: readonly ByteName[],
  ): Promise<(WorkUnit | undefined)[]> {
    const units = await listUnits(this.store, namespace, workSpec, { names }, 'withData');
    const found = new Map(units.map((unit) => [unit.unit.name, readWorkUnit(unit, workSpec)]));
    return names.map((name) => found.get(name));
  }

  override async list(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<WorkUnit[]> {
    const units = await listUnits(this.store, namespace, workSpec, query, 'withData');
    return units.map((unit) => readWorkUnit(unit, workSpec));
  }

  override async listNames(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<ByteName[]> {
    return namesOf(await listUnits(this.store, namespace, workSpec, query, 'bare'));
  }

  override search(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<NameSearch> {
    return searchNames(this.store, namespace, workSpec, query, MOST_LOOKS);
  }

  override count(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<SelectedCounts> {
    return countSelected(this.store, namespace, workSpec, query, MOST_LOOKS);
  }

  override failures(namespace: string, workSpec: string, limit: number): Promise<FailureGroup[]> {
    return listFailures(this.store, namespace, workSpec, limit);
  }

  override async measure(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<MeasuredUnit[]> {
    const units = await listUnits(this.store, namespace, workSpec, query, 'measured');
    return units.map(({ unit: { name }, bytes }) => ({ name, bytes }));
  }

  override change(namespace: string, workSpec: string, name: ByteName, change: WorkUnitChange): Promise<void> {
    const own = { ...change, data: change.data && Buffer.from(change.data) };
    return this.store.change<void>({
      target: { namespace, workSpec },
      names: [name],
      apply: (rows) => {
        const unit = rows.find(name);
        if (!unit) throw new NoSuchWorkUnitError(name);
        changeUnit(unit, own, rows.now);
        return () => undefined;
      },
    });
  }

  override prioritize(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    change: PriorityChange,
  ): Promise<number> {
    return this.forEach(namespace, workSpec, query, (unit) => prioritizeUnit(unit, change));
  }

  override clear(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<number> {
    return this.forEach(namespace, workSpec, query, (unit, { now }) => clearUnit(unit, now));
  }

  override async cancel(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    cancellation: Cancellation,
  ): Promise<number> {
    await needCancel(this.store.pool, this.store.sessionName);
    try {
      return await this.forEach(namespace, workSpec, onlyPending(query), (unit, rows) =>
        cancelUnit(unit, cancellation, rows, rows.now),
      );
    } finally {
      this.store.noteStop(namespace);
    }
  }

  override async delete(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<number> {
    if (isUnrestricted(query)) return this.dropAll(namespace, workSpec);
    return this.forEachPart(namespace, workSpec, query, (units, rows) => {
      rows.delete(units);
      return units.length;
    });
  }

  private dropAll(namespace: string, workSpec: string): Promise<number> {
    let namespaceId = 0;
    const drop = async (run: Run): Promise<number> => {
      const [rows] = await run(statement(LOCK_SPEC, textParameter(namespace), textParameter(workSpec)));
      const spec = readSpecHead(rowOfSpec(rows, workSpec));
      ({ namespaceId } = spec);
      const [[row]] = await run(statement(DROP_UNITS, spec.id));
      return Number(row[0]);
    };
    // A continuous spec may begin anew.
    return this.store.telling(() => News.of(namespaceId), drop, { locks: [specThing(namespace, workSpec)] });
  }

  override async attempts(namespace: string, workSpec: string, name: ByteName): Promise<Attempt[]> {
    const rows = await this.store.pool.query(
      statement(UNIT_ATTEMPTS, textParameter(namespace), textParameter(workSpec), bytesOfName(name)),
    );
    rowOfSpec(rows, workSpec);
    if (!rows.some((row) => isOfUnit(row, READ_ATTEMPT.unit))) throw new NoSuchWorkUnitError(name);
    await keepExpired(this.store, rows, READ_ATTEMPT);
    return rows
      .flatMap((row) => readAttempt(row, READ_ATTEMPT.unit, workSpec, Number(row[READ_ATTEMPT.now])) ?? [])
      .sort((a, b) => a.number - b.number);
  }

  override history(namespace: string, workSpec: string, name: ByteName, after = 0): Promise<AttemptList> {
    return new PostgresUnitHistory(this.store, namespace, workSpec, name, after).open();
  }

  override async numAttempts(namespace: string, workSpec: string, name: ByteName): Promise<number> {
    const [listed] = await listUnits(this.store, namespace, workSpec, { names: [name] }, 'bare');
    if (!listed) throw new NoSuchWorkUnitError(name);
    return listed.unit.attempts;
  }

  /** As forEachPart, one by one. @param act - may say `false` of one that it leaves alone */
  private forEach(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    act: (unit: UnitImage, rows: LockedRows) => unknown,
  ): Promise<number> {
    return this.forEachPart(
      namespace,
      workSpec,
      query,
      (units, rows) => units.filter((unit) => act(unit, rows) !== false).length,
    );
  }

  /**
   * Does something to every unit that a query selects, so many in a transaction: one that it no longer selects when its turn comes
   * is left alone, and so is one that has failed since the first transaction began. An error says how many had been done before.
   * @param act - to those of one transaction; says to how many
   * @returns how many
   */
  private async forEachPart(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    act: (units: readonly UnitImage[], rows: LockedRows) => number,
  ): Promise<number> {
    let done = 0;
    let begun: Micros | undefined;
    try {
      for await (const names of this.selected(namespace, workSpec, query)) {
        done += await this.store.change<number>({
          target: { namespace, workSpec },
          names,
          apply: (rows) => {
            const since = (begun ??= rows.now);
            const units = names
              .map((name) => rows.find(name))
              .filter((unit) => unit !== undefined)
              .filter((unit) => isSelected(unit, query) && !(unit.status === 'failed' && unit.moment > since));
            const acted = act(units, rows);
            return () => acted;
          },
        });
      }
    } catch (error) {
      if (done === 0) throw error;
      // The spec has gone meanwhile, and all its units with it.
      if (error instanceof NoSuchWorkSpecError) return done;
      if (error instanceof StorageUnavailableError) throw error.after(`${done} work units were done`);
      throw error;
    }
    return done;
  }

  private async window(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery & { limit: number },
  ): Promise<Omit<NameSearch, 'looked'>> {
    const names = namesOf(await listUnits(this.store, namespace, workSpec, query, 'bare'));
    return { names, lookedTo: names.length < query.limit ? undefined : names.at(-1) };
  }

  /** The names that a query selects, so many at a time. */
  private async *selected(namespace: string, workSpec: string, query: WorkUnitQuery): AsyncGenerator<ByteName[]> {
    let { previous, limit: left = Infinity } = query;
    const asked = query.names && [...new Set(query.names)].sort();
    for (let at = 0; ; at += CHUNK) {
      const limit = Math.min(CHUNK, left);
      const part = { ...query, names: asked?.slice(at, at + CHUNK), previous, limit };
      const { names, lookedTo } =
        query.contains === undefined || asked
          ? await this.window(namespace, workSpec, part)
          : await searchNames(this.store, namespace, workSpec, part, SEARCHED);
      if (names.length > 0) yield names;
      left -= names.length;
      if (left <= 0 || (asked ? at + CHUNK >= asked.length : lookedTo === undefined)) return;
      previous = lookedTo ?? previous;
    }
  }
}

function isUnrestricted(query: WorkUnitQuery): boolean {
  return Object.values(query).every((part) => part === undefined);
}
