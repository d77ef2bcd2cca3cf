import { OTHER } from '../../../domain/cause.js';
import type { ByteName } from '../../../domain/names.js';
import type { Random } from '../../../domain/scheduler/draw.js';
import type { Micros } from '../../../domain/time.js';
import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import type { UnitsPort } from '../../../domain/unit-port.js';
import * as commands from '../sql/units.sql.js';
import { CHECK_SPECS } from '../sql/specs.sql.js';
import { byUnit, unitKey } from '../units/spec-head.js';
import type { AttemptHolder } from '../units/attempt-image.js';
import { AttemptImage } from '../units/attempt-image.js';
import { OTHER_NUMBER } from '../units/known-causes.js';
import { ChangedInThisTransaction, dataOf, PastAttempt, UnitImage } from '../units/unit-image.js';
import { boolColumn, byteaColumn, int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import type { Row, Statement } from '../wire/statement.js';
import { COMMIT, statement } from '../wire/statement.js';
import { byteNameOfRow } from '../wire/values.js';
import type { KnownCauses } from '../units/known-causes.js';
import type { ObserverOf } from './work-events.js';
import { News } from '../telling/news.js';
import type { Tidings } from '../telling/tidings.js';
import { WorkEvents } from './work-events.js';
import { CountChanges } from './writes/count-writes.js';
import { attemptsOf, deleteHistories, HISTORY_PIECE } from './writes/history-deletion.js';
import { historyOf, pastWrites } from './writes/history-writes.js';
import { unitWrites } from './writes/unit-writes.js';
import type { WorkerRecordChange } from './writes/worker-writes.js';
import { workerWrites } from './writes/worker-writes.js';

/** What is known of work specs by their ids. */
export interface KnownSpecs {
  readonly observerOf: ObserverOf;
  readonly causes: KnownCauses;
  /** Spreads the pauses of what is retried. */
  readonly random: Random;
}

/** A unit to lock. */
export interface UnitWish {
  readonly workSpecId: number;
  readonly name: ByteName;
  /** Whether its data are needed. */
  readonly withData: boolean;
}

/**
 * One transaction on work units: they are locked and read, changed as images in this process by the rules of the domain,
 * and written back together with the commit.
 */
export class UnitTransaction {
  private begun = false;
  private readonly images = new Map<string, UnitImage>();
  private readonly past: PastAttempt[] = [];
  private readonly workers = new Map<string, WorkerRecordChange>();
  private readonly events: WorkEvents;
  /** How many units have been added to each spec. */
  private readonly added = new Map<number, number>();
  /** What is to be added to the counters. */
  private counts = new CountChanges();
  private readonly news = new News();
  /** What is written besides units. */
  private readonly others: Statement[] = [];

  constructor(
    readonly connection: Connection,
    /** Which counters are this connection's. */
    private readonly shard: number,
    readonly known: KnownSpecs,
    private readonly tidings: Tidings,
    /** The moment of everything in it; 0 until the clock has been read. */
    public now: Micros = 0,
  ) {
    this.events = new WorkEvents((id) => known.observerOf(id));
  }

  /** Sends statements, the first time with what begins the transaction. */
  async run(statements: readonly Statement[]): Promise<Row[][]> {
    if (this.begun) return this.connection.run(statements);
    this.begun = true;
    return this.connection.begin(statements);
  }

  image(workSpecId: number, name: ByteName): UnitImage | undefined {
    return this.images.get(unitKey(workSpecId, name));
  }

  /** The units of a spec, as far as they have been locked. `find` throws ChangedInThisTransaction for one that goes. */
  unitsOf(workSpecId: number): UnitsPort {
    return {
      find: (name) => {
        const image = this.image(workSpecId, name);
        if (image?.deleted) throw new ChangedInThisTransaction();
        return image;
      },
      create: ({ name, data, priority }, notBefore, status, moment) => {
        const image = this.take(new UnitImage(workSpecId, name));
        Object.assign(image, { data, priority, notBefore });
        image.enter(status, moment);
      },
      noteAdded: () => void this.added.set(workSpecId, (this.added.get(workSpecId) ?? 0) + 1),
    };
  }

  /**
   * Locks units, and reads the clock and the versions of work specs.
   * @returns the versions of those that are there
   */
  async lock(wishes: readonly UnitWish[], specIds: readonly number[]): Promise<Map<number, number>> {
    const sorted = distinct(wishes.filter(({ workSpecId, name }) => !this.image(workSpecId, name)));
    const [locked, checked] = await this.run([
      statement(
        commands.LOCK_UNITS,
        int8Column(sorted.map(({ workSpecId }) => workSpecId)),
        byteaColumn(sorted.map(({ name }) => name)),
        boolColumn(sorted.map(({ withData }) => withData)),
      ),
      statement(CHECK_SPECS, int8Column(specIds)),
    ]);
    const [[now]] = checked;
    if (this.now === 0) this.now = Number(now);
    for (const row of locked) {
      const { workSpecId } = sorted[Number(row[commands.LOCKED_UNIT.ordinal]) - 1];
      const image = this.take(UnitImage.read(workSpecId, row, commands.LOCKED_UNIT.unit, this.now));
      image.loadedData = dataOf(row[commands.LOCKED_UNIT.data]);
      if (image.latest) image.latest.loadedData = dataOf(row[commands.LOCKED_UNIT.attemptData]);
    }
    const versions = new Map<number, number>();
    for (const [, id, version] of checked) if (id !== null) versions.set(Number(id), Number(version));
    return versions;
  }

  /** Keeps an image to be written at the end. */
  take(image: UnitImage): UnitImage {
    this.images.set(unitKey(image.workSpecId, image.name), image);
    return image;
  }

  /** Reads attempts of the history, of units that are locked. */
  async readPast(
    wishes: readonly { readonly unit: UnitImage; readonly number: number }[],
  ): Promise<(PastAttempt | undefined)[]> {
    if (wishes.length === 0) return [];
    const [rows] = await this.run([
      statement(
        commands.PAST_ATTEMPTS,
        int8Column(wishes.map(({ unit }) => unit.workSpecId)),
        byteaColumn(wishes.map(({ unit }) => unit.name)),
        int8Column(wishes.map(({ number }) => number)),
      ),
    ]);
    const found: (PastAttempt | undefined)[] = wishes.map(() => undefined);
    for (const row of rows) {
      const at = Number(row[commands.PAST.ordinal]) - 1;
      const past = new PastAttempt(wishes[at].unit, (holder) => readPastAttempt(row, holder), this.now);
      this.past.push((found[at] = past));
    }
    return found;
  }

  ensureWorker(namespaceId: number, name: ByteName, active = true): void {
    const key = unitKey(namespaceId, name);
    if (!this.workers.has(key)) this.workers.set(key, { namespaceId, name, active });
  }

  /** A claim gave out a unit that had been available since `since`. */
  noteClaim(workSpecId: number, since: Micros): void {
    this.events.claimed(workSpecId, since, this.now);
  }

  private noteEnds(): void {
    for (const { workSpecId, ends } of this.images.values()) this.events.ended(workSpecId, ends);
    for (const { unit, ends } of this.past) this.events.ended(unit.workSpecId, ends);
  }

  recordClaim(namespaceId: number, name: ByteName, claim: WorkerRecordChange['claim']): void {
    this.workers.set(unitKey(namespaceId, name), { namespaceId, name, active: true, claim });
  }

  /** Writes something else with the units. @param due - when claims may be given more because of it */
  also(write: Statement, due: Micros): void {
    this.others.push(write);
    if (due > this.now) this.news.dueIn = Math.min(this.news.dueIn, due - this.now);
  }

  /** Writes what has changed, and commits. */
  async commit(): Promise<void> {
    await this.numberAttempts();
    const deleted = this.deletedUnits();
    if (attemptsOf(deleted) > HISTORY_PIECE) await deleteHistories(deleted, (statements) => this.run(statements));
    const writes = this.writes();
    await this.run([...writes, ...this.tidings.notices(this.news), COMMIT]);
    this.tidings.committed(this.news);
    this.noteEnds();
    for (const [workSpecId, units] of this.added) this.events.added(workSpecId, units, this.now);
    this.events.tell();
  }

  /** Writes what has changed so far, so that statements of this transaction see it; the images begin anew. */
  async flush(more: readonly Statement[]): Promise<void> {
    await this.numberAttempts();
    await this.run([...this.writes(), ...more]);
    this.noteEnds();
    this.images.clear();
    this.past.length = 0;
    this.workers.clear();
  }

  /** Writes units as they are so far and forgets them. What others wait for is written with the commit. */
  async writeUnits(): Promise<void> {
    await this.numberAttempts();
    await this.run(this.unitWrites());
    this.noteEnds();
    this.images.clear();
    this.past.length = 0;
  }

  /** Gives numbers to the attempts that began without one. Their units are locked, so that numbers grow in each. */
  private async numberAttempts(): Promise<void> {
    const unnumbered: AttemptImage[] = [];
    for (const { started, latest } of this.images.values())
      if (started && latest!.number === 0) unnumbered.push(latest!);
    if (unnumbered.length === 0) return;
    const [rows] = await this.run([statement(commands.ATTEMPT_NUMBERS, unnumbered.length)]);
    rows.forEach(([number], i) => (unnumbered[i].number = Number(number)));
  }

  /** The units that go with the commit. */
  deletedUnits(): UnitImage[] {
    return [...this.images.values()].filter(({ deleted, stored }) => deleted && stored);
  }

  private writes(): Statement[] {
    const units = this.unitWrites();
    const counts = this.counts.writes(this.shard);
    this.counts.tell(this.news, this.now, this.tidings);
    this.counts = new CountChanges();
    return [...units, ...workerWrites(this.workers.values(), this.now), ...counts, ...this.others.splice(0)];
  }

  private nameCause(image: UnitImage, cause: string): void {
    image.cause = this.known.causes.numberOf(image.workSpecId, cause);
    // Of those that are one too many nobody needs the text.
    if (image.cause === OTHER_NUMBER) image.newCause = OTHER;
  }

  private unitWrites(): Statement[] {
    const changed = [...this.images.values()].filter(({ dirty, deleted, stored }) => dirty && (stored || !deleted));
    for (const image of changed) {
      if (image.newCause !== undefined && !image.deleted) this.nameCause(image, image.newCause);
      this.counts.add(image);
    }
    return [...historyOf(changed.filter(({ deleted }) => !deleted)), ...unitWrites(changed), ...pastWrites(this.past)];
  }
}

/** Reads a row of PAST_ATTEMPTS. */
function readPastAttempt(row: Row, holder: AttemptHolder): AttemptImage {
  const { PAST } = commands;
  return new AttemptImage(
    holder,
    Number(row[PAST.number]),
    byteNameOfRow(row[PAST.worker]!),
    Number(row[PAST.start]),
    Number(row[PAST.end]),
    Number(row[PAST.expiration]),
    ATTEMPT_STATUSES[Number(row[PAST.status])],
    false,
  );
}

/** Each unit once, in the order that all transactions lock by. */
function distinct(wishes: readonly UnitWish[]): UnitWish[] {
  const units = new Map<string, UnitWish>();
  for (const wish of wishes) {
    const key = unitKey(wish.workSpecId, wish.name);
    if (wish.withData || !units.has(key)) units.set(key, wish);
  }
  return [...units.values()].sort(byUnit);
}
