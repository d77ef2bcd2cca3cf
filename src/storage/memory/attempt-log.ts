import type { Attempt, AttemptRecord, AttemptStatus } from '../../domain/attempt.js';
import { expireDetached } from '../../domain/attempt-rules.js';
import { isRefused } from '../../domain/claim-rules.js';
import { isBroughtHome } from '../../domain/worker-rules.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { ZERO_TIME } from '../../domain/time.js';
import type { EncodedData } from '../../domain/data.js';
import type { ShownAttempts, ShownData } from './attempt-slot.js';
import { AttemptSlot } from './attempt-slot.js';
import { AttemptTable, NEXT, PREVIOUS } from './attempt-table.js';
import type { Keeper } from './keeper.js';
import { atOnce } from './pace.js';
import { LinkedList } from './structures/linked-list.js';
import type { StatusCode } from './unit-table.js';
import { PENDING } from './unit-table.js';
import type { WorkerDirectory } from './worker-directory.js';
import type { AttemptedWork, AttemptsAtSpec, WorkerAttempts, WorkerRecord } from './worker-record.js';

/** What an attempt is put back with: data of its own, or else the unit's when it began, or else as the unit's are. */
export type RestoredAttempt = Pick<AttemptRecord, 'number' | 'status' | 'start' | 'end' | 'expiration'> & {
  readonly late: boolean;
  readonly data?: EncodedData;
  readonly startData?: EncodedData;
};

/** The units whose attempts are recorded, and where their data are kept. */
export interface RecordedWork extends AttemptedWork, ShownData {
  readonly image: Keeper | undefined;
  /** To be called before anything of a unit changes. */
  keep(unit: number): void;
  /** How many units are in a status. */
  count(status: StatusCode): number;
  nameOf(unit: number): ByteName;
  putData(data: EncodedData): number;
  dropData(ref: number): void;
}

/** How many attempts are looked at to find out whether one of them is pending. */
const MAX_LOOKS = 1_000;

/**
 * The attempts at the units of one spec: each unit's history, and each worker's pending and ended ones. It records what
 * it is told; what becomes of attempt and unit is the business of the rules in the domain.
 */
export class AttemptLog implements AttemptsAtSpec, ShownAttempts {
  readonly table = new AttemptTable();
  /** For rules about one attempt, whichever it is. */
  readonly slot: AttemptSlot;
  /** Whose maps to take this log out of when the spec goes. */
  private readonly involved = new Set<WorkerRecord>();
  /** How many workers have attempts here in status pending, and how many those are. */
  private atWork = 0;
  private pending = 0;

  constructor(
    private readonly work: RecordedWork,
    private readonly directory: WorkerDirectory,
  ) {
    this.slot = new AttemptSlot(this, work);
  }

  /** Records a new pending attempt as the latest of a unit, with the unit's data as they are now. */
  start(unit: number, worker: WorkerRecord, number: number, now: Micros, expiration: Micros): void {
    const { table } = this;
    const { units, bytes } = this.work;
    this.work.keep(unit);
    const attempt = table.records.allocate();
    table.setNumber(attempt, number);
    table.setStart(attempt, now);
    table.setEnd(attempt, ZERO_TIME);
    table.setExpiration(attempt, expiration);
    table.setUnit(attempt, unit);
    table.setWorker(attempt, worker.id);
    table.setStatus(attempt, 'pending');
    const data = units.data(unit);
    if (data !== 0) bytes.retain(data);
    table.setStartData(attempt, data);
    table.setEarlier(attempt, units.latest(unit));
    units.setLatest(unit, attempt);
    units.setAttempts(unit, units.attempts(unit) + 1);
    this.addPending(this.listsOf(worker), attempt);
  }

  /** Takes the latest attempt of a unit away, so that the one before is the latest again. */
  undoLatest(unit: number): void {
    const { table } = this;
    const { units } = this.work;
    this.work.keep(unit);
    const attempt = units.latest(unit);
    const worker = this.workerOf(attempt);
    // One claim's numbers follow each other.
    const last = worker.latestClaim?.attempts.at(-1);
    if (worker.latestClaim?.work === this.work && last!.number >= table.number(attempt)) {
      this.directory.forgetClaim(worker);
    }
    units.setLatest(unit, table.earlier(attempt));
    units.setAttempts(unit, units.attempts(unit) - 1);
    this.free(attempt);
  }

  /** Records an attempt as a snapshot has it as the latest of a unit. */
  restore(unit: number, worker: WorkerRecord, content: RestoredAttempt): number {
    const { table } = this;
    const { units, bytes } = this.work;
    const attempt = table.records.allocate();
    table.setNumber(attempt, content.number);
    table.setStart(attempt, content.start);
    table.setEnd(attempt, content.end);
    table.setExpiration(attempt, content.expiration);
    table.setUnit(attempt, unit);
    table.setWorker(attempt, worker.id);
    table.setStatus(attempt, content.status);
    table.setLate(attempt, content.late);
    if (content.data) table.setOwnData(attempt, bytes.put(content.data));
    if (content.startData) table.setStartData(attempt, this.work.putData(content.startData));
    else if (!content.data) {
      const data = units.data(unit);
      if (data !== 0) bytes.retain(data);
      table.setStartData(attempt, data);
    }
    table.setEarlier(attempt, units.latest(unit));
    units.setLatest(unit, attempt);
    units.setAttempts(unit, units.attempts(unit) + 1);
    const lists = this.listsOf(worker);
    if (content.status === 'pending') this.addPending(lists, attempt);
    else lists.ended.append(attempt);
    if (content.status === 'finished') worker.finished(content.end);
    return attempt;
  }

  /** Sets the status, and when it ended. */
  become(attempt: number, status: AttemptStatus, end: Micros): void {
    const { table } = this;
    this.keep(attempt);
    if ((table.status(attempt) === 'pending') !== (status === 'pending')) {
      this.moveTo(status === 'pending' ? 'pending' : 'ended', attempt);
    }
    table.setStatus(attempt, status);
    table.setEnd(attempt, end);
  }

  setExpiration(attempt: number, expiration: Micros): void {
    this.keep(attempt);
    this.table.setExpiration(attempt, expiration);
  }

  setLate(attempt: number, late: boolean): void {
    if (this.table.late(attempt) === late) return;
    this.keep(attempt);
    this.table.setLate(attempt, late);
  }

  setOwnData(attempt: number, data: EncodedData): void {
    this.keep(attempt);
    const ref = this.work.bytes.put(data);
    this.dropOwnData(attempt);
    this.table.setOwnData(attempt, ref);
  }

  workerOf(attempt: number): WorkerRecord {
    return this.directory.at(this.table.worker(attempt));
  }

  /** @param worker - the id of one that some attempt carries, or carried when a snapshot began that is being read */
  nameOfWorker(worker: number): ByteName {
    return this.directory.at(worker).name;
  }

  /** Its status now. In whose unit what has run out has taken effect: any that is pending beyond its lease is detached. */
  statusNow(attempt: number, now: Micros): AttemptStatus {
    expireDetached(this.slot.at(attempt), now);
    return this.table.status(attempt);
  }

  /** The attempts of a unit, from the latest back. */
  *backFrom(latest: number): Generator<number> {
    for (let attempt = latest; attempt !== 0; attempt = this.table.earlier(attempt)) yield attempt;
  }

  /** Whether a worker has finished or failed a unit by the attempt of a number or a later one. */
  hasCompleted(unit: number, worker: WorkerRecord, number: number): boolean {
    for (const attempt of this.backFrom(this.work.units.latest(unit))) {
      if (this.table.number(attempt) < number) return false;
      if (this.workerOf(attempt) === worker && isBroughtHome(this.table.status(attempt))) return true;
    }
    return false;
  }

  /** The attempts of a worker at this spec, in steps between which nobody may change them. */
  *listOf(worker: WorkerRecord, pendingOnly: boolean): Generator<number, number[]> {
    const attempts: number[] = [];
    const lists = worker.attempts.get(this.work);
    for (const list of lists ? [lists.pending, lists.ended] : []) {
      if (pendingOnly && list === lists!.ended) break;
      for (let attempt = list.head; attempt !== 0; attempt = list.next(attempt)) {
        attempts.push(attempt);
        yield 1;
      }
    }
    return attempts;
  }

  /** All attempts of a worker at this spec but those that only say that their unit has been tried too often. */
  allOf(worker: WorkerRecord): number[] {
    return atOnce(this.listOf(worker, false)).filter((attempt) => !this.isRefused(attempt));
  }

  /** Whether it only says that its unit has been tried too often. */
  isRefused(attempt: number): boolean {
    const { table } = this;
    const ended = { status: table.status(attempt), start: table.start(attempt), end: table.end(attempt) };
    return isRefused(ended, () => this.dataOf(attempt));
  }

  /** Its own data where set, else what the unit's were when it began. */
  dataOf(attempt: number): EncodedData {
    const own = this.table.ownData(attempt);
    return own !== 0 ? this.work.bytes.read(own) : this.work.readData(this.table.startData(attempt));
  }

  /**
   * Whether an attempt of a worker is pending at this spec. Where very many that nobody has looked at have run out, it says
   * so of those that are left when it has looked at some.
   */
  hasPending(worker: WorkerRecord, now: Micros): boolean {
    const pending = worker.attempts.get(this.work)?.pending;
    for (let looks = 0; pending && pending.head !== 0 && looks < MAX_LOOKS; looks++) {
      if (this.statusNow(pending.head, now) === 'pending') return true;
    }
    return pending !== undefined && pending.head !== 0;
  }

  /**
   * How many workers have an attempt here that is pending. Of those that are no longer their units' active ones some may have run out
   * without anybody looking: so long as there are such, it looks, unless there are very many workers.
   */
  workersAtWork(now: Micros): number {
    if (this.pending > this.work.count(PENDING) && this.atWork <= MAX_LOOKS) {
      for (const worker of this.involved) this.hasPending(worker, now);
    }
    return this.atWork;
  }

  /** How many units a worker holds; where that are very many, units may be among them that it no longer does. */
  heldBy(worker: WorkerRecord, now: Micros): number {
    const { table, work } = this;
    const pending = worker.attempts.get(work)?.pending;
    if (!pending || pending.size > MAX_LOOKS) return pending?.size ?? 0;
    let held = 0;
    for (let attempt = pending.head; attempt !== 0; attempt = pending.next(attempt)) {
      if (work.units.active(table.unit(attempt)) === attempt && table.expiration(attempt) > now) held++;
    }
    return held;
  }

  record(attempt: number, workSpec: string, now: Micros): AttemptRecord {
    const { table } = this;
    return {
      workSpec,
      workUnit: this.work.nameOf(table.unit(attempt)),
      worker: this.workerOf(attempt).name,
      status: this.statusNow(attempt, now),
      number: table.number(attempt),
      start: table.start(attempt),
      end: table.end(attempt),
      expiration: table.expiration(attempt),
    };
  }

  /** As record, with its own data where set, else what the unit's were when it began. */
  read(attempt: number, workSpec: string, now: Micros): Attempt {
    const { table, work } = this;
    const own = table.ownData(attempt);
    // Each field written out: every claim comes by here, and spreading a record into another takes twice the time.
    return {
      workSpec,
      workUnit: work.nameOf(table.unit(attempt)),
      worker: this.workerOf(attempt).name,
      status: this.statusNow(attempt, now),
      number: table.number(attempt),
      start: table.start(attempt),
      end: table.end(attempt),
      expiration: table.expiration(attempt),
      data: own !== 0 ? work.bytes.read(own) : work.readData(table.startData(attempt)),
    };
  }

  /**
   * Deletes so many of a unit's attempts from one back, and takes them out of their workers' lists.
   * @returns the first that is left
   */
  deleteFrom(latest: number, many: number): number {
    const { table } = this;
    let attempt = latest;
    for (let left = many; attempt !== 0 && left > 0; left--) {
      const earlier = table.earlier(attempt);
      this.free(attempt);
      attempt = earlier;
    }
    return attempt;
  }

  private free(attempt: number): void {
    const { table } = this;
    this.keep(attempt);
    const worker = this.workerOf(attempt);
    const lists = this.listsOf(worker);
    if (table.status(attempt) === 'pending') this.removePending(lists, attempt);
    else lists.ended.remove(attempt);
    if (lists.pending.size + lists.ended.size === 0) {
      this.involved.delete(worker);
      this.leave(worker);
    }
    this.dropOwnData(attempt);
    this.work.dropData(table.startData(attempt));
    table.records.free(attempt);
  }

  /** How many workers have attempts here. */
  get workers(): number {
    return this.involved.size;
  }

  /** Takes all attempts of the spec, which is gone, out of their workers' lists, in steps. */
  *forgetAll(): Generator<number, void> {
    for (const worker of this.involved) {
      this.leave(worker);
      yield 1;
    }
    this.involved.clear();
  }

  /** Lets go of a worker, and the worker of this spec: its units are not to stay in memory for the worker's sake. */
  private leave(worker: WorkerRecord): void {
    worker.attempts.delete(this.work);
    if (worker.latestClaim?.work === this.work) this.directory.forgetClaim(worker);
    this.directory.forgetRetired(worker);
  }

  /** To be called before anything of an attempt changes. */
  private keep(attempt: number): void {
    if (this.work.image !== undefined) this.work.image.keepAttempt(attempt);
  }

  private dropOwnData(attempt: number): void {
    const ref = this.table.ownData(attempt);
    if (ref !== 0) this.work.bytes.release(ref);
  }

  private moveTo(list: 'pending' | 'ended', attempt: number): void {
    const lists = this.listsOf(this.workerOf(attempt));
    if (list === 'pending') {
      lists.ended.remove(attempt);
      this.addPending(lists, attempt);
    } else {
      this.removePending(lists, attempt);
      lists.ended.append(attempt);
    }
  }

  private addPending({ pending }: WorkerAttempts, attempt: number): void {
    pending.append(attempt);
    this.pending++;
    if (pending.size === 1) this.atWork++;
  }

  private removePending({ pending }: WorkerAttempts, attempt: number): void {
    pending.remove(attempt);
    this.pending--;
    if (pending.size === 0) this.atWork--;
  }

  private listsOf(worker: WorkerRecord): WorkerAttempts {
    let lists = worker.attempts.get(this.work);
    if (!lists) {
      lists = { pending: this.newList(), ended: this.newList() };
      worker.attempts.set(this.work, lists);
      this.involved.add(worker);
    }
    return lists;
  }

  private newList(): LinkedList {
    return new LinkedList(this.table.records, PREVIOUS, NEXT);
  }
}
