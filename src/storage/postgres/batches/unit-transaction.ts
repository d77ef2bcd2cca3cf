import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { DEFAULT_LIFETIME } from '../../../domain/time.js';
import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import { RECORD_CLAIMS, ENSURE_WORKERS } from '../sql/workers.sql.js';
import * as commands from '../sql/units.sql.js';
import { CHECK_SPECS } from '../sql/specs.sql.js';
import { attemptStatusCode, AVAILABLE } from '../units/codes.js';
import { unitKey } from '../units/spec-head.js';
import type { StoredAttempt } from '../units/unit-image.js';
import { dataOf, expireDetached, IMAGE_WIDTH, PastAttempt, UnitImage } from '../units/unit-image.js';
import { boolColumn, byteaColumn, float8Column, int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import type { Row, Statement } from '../wire/statement.js';
import { COMMIT, statement } from '../wire/statement.js';
import { byteNameOfRow } from '../wire/values.js';
import type { ObserverOf } from './work-events.js';
import { WorkEvents } from './work-events.js';

/** A unit to lock. */
export interface UnitWish {
  readonly workSpecId: number;
  readonly name: ByteName;
  /** Whether its data are needed. */
  readonly withData: boolean;
}

interface WorkerRecordChange {
  readonly namespaceId: number;
  readonly name: ByteName;
  readonly active: boolean;
  /** What it was given: absent when it is only to be there, null when it asked and was given nothing. */
  claim?: { readonly workSpecId: number; readonly first: number; readonly last: number } | null;
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

  constructor(
    readonly connection: Connection,
    /** Which counters are this connection's. */
    private readonly shard: number,
    observerOf: ObserverOf,
    /** The moment of everything in it; 0 until the clock has been read. */
    public now: Micros = 0,
  ) {
    this.events = new WorkEvents(observerOf);
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

  /** The unit, or an image of one to be added. */
  imageToAdd(workSpecId: number, name: ByteName): UnitImage {
    const key = unitKey(workSpecId, name);
    let image = this.images.get(key);
    if (!image) this.images.set(key, (image = new UnitImage(workSpecId, name)));
    return image;
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
    if (this.now === 0) this.now = Number(checked[0][0]);
    for (const row of locked) {
      const { workSpecId } = sorted[Number(row[0]) - 1];
      const image = this.take(UnitImage.read(workSpecId, row, 1, this.now));
      const data = dataOf(row[1 + IMAGE_WIDTH]);
      if (data) image.loaded = { data, attemptData: dataOf(row[2 + IMAGE_WIDTH]) };
    }
    const versions = new Map<number, number>();
    for (const row of checked) if (row[1] !== null) versions.set(Number(row[1]), Number(row[2]));
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
      const at = Number(row[0]) - 1;
      const attempt = readPastAttempt(row, 1);
      expireDetached(attempt, false, this.now);
      this.past.push((found[at] = new PastAttempt(wishes[at].unit, attempt)));
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

  /** Writes what has changed, and commits. */
  async commit(): Promise<void> {
    await this.numberAttempts();
    await this.run([...this.writes(), COMMIT]);
    this.noteEnds();
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

  /** Gives numbers to the attempts that began without one. Their units are locked, so that numbers grow in each. */
  private async numberAttempts(): Promise<void> {
    const unnumbered: StoredAttempt[] = [];
    for (const { started, latest } of this.images.values())
      if (started && latest!.number === 0) unnumbered.push(latest!);
    if (unnumbered.length === 0) return;
    const [rows] = await this.run([statement(commands.ATTEMPT_NUMBERS, unnumbered.length)]);
    rows.forEach((row, i) => (unnumbered[i].number = Number(row[0])));
  }

  private writes(): Statement[] {
    const changed: UnitImage[] = [];
    const started: UnitImage[] = [];
    const rewritten: UnitImage[] = [];
    const added: UnitImage[] = [];
    const deleted: UnitImage[] = [];
    const superseded: UnitImage[] = [];
    const counts = new Map<number, number[]>();
    for (const image of this.images.values()) {
      if (!image.dirty || (image.deleted && !image.stored)) continue;
      count(counts, image);
      if (image.deleted) {
        deleted.push(image);
        continue;
      }
      if (image.superseded) superseded.push(image);
      if (!image.stored) added.push(image);
      else if (image.isFreshStart) started.push(image);
      else if (image.isAttemptChange) changed.push(image);
      else rewritten.push(image);
    }
    return [
      ...whenAny(superseded, saveHistory),
      ...whenAny(started, startAttempts),
      ...whenAny(changed, changeAttempts),
      ...whenAny(rewritten, writeUnits),
      ...whenAny(added, insertUnits),
      ...whenAny(deleted, deleteUnits),
      ...whenAny(
        this.past.filter(({ dirty }) => dirty),
        writePast,
      ),
      ...this.workerWrites(),
      ...(counts.size > 0 ? [addCounts(counts, this.shard)] : []),
    ];
  }

  private workerWrites(): Statement[] {
    const all = [...this.workers.values()].sort(
      (a, b) => a.namespaceId - b.namespaceId || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    );
    const ids = (of: WorkerRecordChange[]) => int8Column(of.map(({ namespaceId }) => namespaceId));
    const names = (of: WorkerRecordChange[]) => byteaColumn(of.map(({ name }) => name));
    const expiration = this.now + DEFAULT_LIFETIME;
    return [
      ...whenAny(
        all.filter(({ claim, active }) => claim === undefined && active),
        (some) => [statement(ENSURE_WORKERS, ids(some), names(some), this.now, expiration, true)],
      ),
      ...whenAny(
        all.filter(({ claim, active }) => claim === undefined && !active),
        (some) => [statement(ENSURE_WORKERS, ids(some), names(some), this.now, this.now, false)],
      ),
      ...whenAny(
        all.filter(({ claim }) => claim !== undefined),
        (some) => [
          statement(
            RECORD_CLAIMS,
            ids(some),
            names(some),
            this.now,
            expiration,
            int8Column(some.map(({ claim }) => claim?.workSpecId ?? null)),
            int8Column(some.map(({ claim }) => claim?.first ?? null)),
            int8Column(some.map(({ claim }) => claim?.last ?? null)),
          ),
        ],
      ),
    ];
  }
}

/** Reads worker, start, end, expiration, status, number. */
export function readPastAttempt(row: Row, at: number): StoredAttempt {
  return {
    worker: byteNameOfRow(row[at]!),
    start: Number(row[at + 1]),
    end: Number(row[at + 2]),
    expiration: Number(row[at + 3]),
    status: ATTEMPT_STATUSES[Number(row[at + 4])],
    number: Number(row[at + 5]),
    late: false,
  };
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

function byUnit(a: { workSpecId: number; name: ByteName }, b: { workSpecId: number; name: ByteName }): number {
  return a.workSpecId - b.workSpecId || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function whenAny<T>(items: T[], use: (items: T[]) => Statement[]): Statement[] {
  return items.length === 0 ? [] : use(items);
}

const ARRIVALS = 5;

/** Counts what an image changes: a unit less in its stored status, one more in its present one. */
function count(counts: Map<number, number[]>, { workSpecId, stored, deleted, status, rank }: UnitImage): void {
  let deltas = counts.get(workSpecId);
  if (!deltas) counts.set(workSpecId, (deltas = [0, 0, 0, 0, 0, 0]));
  if (stored) deltas[stored.status]--;
  if (deleted) return;
  deltas[status]++;
  // One that comes to another place among the available ones arrives there too.
  if (status === AVAILABLE && (stored?.status !== AVAILABLE || stored.rank !== rank)) deltas[ARRIVALS]++;
}

function addCounts(counts: Map<number, number[]>, shard: number): Statement {
  const specs = [...counts].sort(([a], [b]) => a - b);
  const column = (at: number) => int8Column(specs.map(([, deltas]) => deltas[at]));
  return statement(
    commands.ADD_COUNTS,
    int8Column(specs.map(([id]) => id)),
    shard,
    ...[0, 1, 2, 3, 4, ARRIVALS].map(column),
  );
}

const ids = (units: readonly UnitImage[]) => int8Column(units.map(({ workSpecId }) => workSpecId));
const names = (units: readonly UnitImage[]) => byteaColumn(units.map(({ name }) => name));
const statuses = (units: readonly UnitImage[]) => int8Column(units.map(({ status }) => status));
const moments = (units: readonly UnitImage[]) => int8Column(units.map(({ moment }) => moment));
const notBefores = (units: readonly UnitImage[]) => int8Column(units.map(({ notBefore }) => notBefore));

function attemptColumn(units: readonly UnitImage[], field: 'number' | 'start' | 'end' | 'expiration'): Buffer {
  return int8Column(units.map(({ latest }) => latest?.[field] ?? null));
}

function attemptStatuses(units: readonly UnitImage[]): Buffer {
  return int8Column(units.map(({ latest }) => (latest ? attemptStatusCode(latest.status) : null)));
}

function saveHistory(units: UnitImage[]): Statement[] {
  return [
    statement(
      commands.SAVE_HISTORY,
      ids(units),
      names(units),
      int8Column(units.map(({ superseded }) => attemptStatusCode(superseded!.status))),
      int8Column(units.map(({ superseded }) => superseded!.end)),
    ),
  ];
}

function startAttempts(units: UnitImage[]): Statement[] {
  return [
    statement(
      commands.START_ATTEMPTS,
      ids(units),
      names(units),
      statuses(units),
      moments(units),
      attemptColumn(units, 'number'),
      byteaColumn(units.map(({ latest }) => latest!.worker)),
      attemptColumn(units, 'start'),
      attemptColumn(units, 'end'),
      attemptColumn(units, 'expiration'),
      attemptStatuses(units),
      byteaColumn(units.map(({ attemptData }) => attemptData ?? null)),
    ),
  ];
}

function changeAttempts(units: UnitImage[]): Statement[] {
  return [
    statement(
      commands.CHANGE_ATTEMPTS,
      ids(units),
      names(units),
      statuses(units),
      moments(units),
      notBefores(units),
      attemptColumn(units, 'end'),
      attemptColumn(units, 'expiration'),
      attemptStatuses(units),
      boolColumn(units.map(({ latest }) => latest!.late)),
      byteaColumn(units.map(({ attemptData }) => attemptData ?? null)),
    ),
  ];
}

function writeUnits(units: UnitImage[]): Statement[] {
  return [
    statement(
      commands.WRITE_UNITS,
      ids(units),
      names(units),
      statuses(units),
      moments(units),
      float8Column(units.map(({ rank }) => rank)),
      notBefores(units),
      int8Column(units.map(({ tries }) => tries)),
      int8Column(units.map(({ attempts }) => attempts)),
      attemptColumn(units, 'number'),
      byteaColumn(units.map(({ latest }) => latest?.worker ?? null)),
      attemptColumn(units, 'start'),
      attemptColumn(units, 'end'),
      attemptColumn(units, 'expiration'),
      attemptStatuses(units),
      boolColumn(units.map(({ latest }) => latest?.late ?? false)),
      byteaColumn(units.map(({ data }) => data ?? null)),
      byteaColumn(units.map(({ attemptData }) => attemptData ?? null)),
      boolColumn(units.map(({ started }) => started)),
      boolColumn(units.map(({ keepsStartData }) => keepsStartData)),
    ),
  ];
}

function insertUnits(units: UnitImage[]): Statement[] {
  units.sort(byUnit);
  return [
    statement(
      commands.INSERT_UNITS,
      ids(units),
      names(units),
      statuses(units),
      moments(units),
      float8Column(units.map(({ rank }) => rank)),
      notBefores(units),
      byteaColumn(units.map(({ data }) => data!)),
    ),
  ];
}

function deleteUnits(units: UnitImage[]): Statement[] {
  return [
    statement(commands.DELETE_UNITS, ids(units), names(units)),
    statement(commands.DELETE_HISTORY, ids(units), names(units)),
  ];
}

function writePast(attempts: PastAttempt[]): Statement[] {
  const units = attempts.map(({ unit }) => unit);
  return [
    statement(
      commands.WRITE_PAST,
      ids(units),
      names(units),
      int8Column(attempts.map(({ attempt }) => attempt.number)),
      int8Column(attempts.map(({ attempt }) => attemptStatusCode(attempt.status))),
      int8Column(attempts.map(({ attempt }) => attempt.end)),
      byteaColumn(attempts.map(({ data }) => data ?? null)),
    ),
  ];
}
