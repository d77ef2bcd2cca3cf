import {
  claimSize,
  hasWork,
  isHandedOut,
  makesOwnUnit,
  holdsUntil,
  type Needs,
  type Supply,
} from '../../domain/scheduler/eligibility.js';
import { isAtRest } from '../../domain/flow/hold-back.js';
import { shortOutputUnits } from '../../domain/chaining.js';
import { type Retrying, retryingOf } from '../../domain/retry-rules.js';
import type { Random } from '../../domain/scheduler/draw.js';
import type { EncodedData } from '../../domain/data.js';
import type { SlotState } from '../../domain/flow/slot-rules.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { WorkSpec, WorkSpecDefinition, WorkSpecMeta } from '../../domain/work-spec.js';
import { atPresent } from '../../domain/work-spec.js';
import type { SpecPort } from '../../domain/unit-port.js';
import { putUnit } from '../../domain/unit-rules.js';
import type { NewWorkUnit, WorkUnitCounts } from '../../domain/work-unit.js';
import type { HistoryRoom } from '../../live/history/recorder/history-room.js';
import { SpecHistory } from '../../live/history/recorder/spec-history.js';
import type { ProcessMemory } from '../process-memory.js';
import type { WorkObserver, WorkObservers } from '../../domain/work-observer.js';
import type { AttemptNumbers } from './attempt-numbers.js';
import type { Claimable, ClaimSource } from './claimable.js';
import type { Claimables } from './claimables.js';
import { behind, Gate } from './gate.js';
import type { Pace } from './pace.js';
import { inSlices } from './pace.js';
import { giveUpWork } from './giving-up.js';
import type { ScheduledSpecs } from './scheduled-specs.js';
import { SpecWork } from './spec-work.js';
import { bytesOfUnits, SPEC_BYTES } from './sizes.js';
import { noteHeap } from './structures/off-heap.js';
import { AVAILABLE, PENDING } from './unit-table.js';
import type { WorkerDirectory } from './worker-directory.js';
import type { WorkerRecord } from './worker-record.js';
import { type Awaited, SpecLimits } from './spec-limits.js';
import type { Followed, Follower, Followers } from './followers.js';

/** Units per status, and since when the one that has waited longest has been available. */
export interface Condition {
  readonly counts: WorkUnitCounts;
  readonly since: Micros | undefined;
}

/** What a spec has of the namespace that it is in. */
export interface SpecNamespace {
  readonly name: string;
  /** Whether it is the one that is there by its name. */
  readonly isThere: boolean;
  readonly specs: ReadonlyMap<string, SpecState>;
  readonly claimables: Claimables<SpecState>;
  readonly followers: Followers;
  readonly workers: WorkerDirectory;
  readonly numbers: AttemptNumbers;
  readonly observers: WorkObservers;
  readonly histories: HistoryRoom;
  readonly pace: Pace;
  readonly memory: ProcessMemory;
  readonly random: Random;
  readonly scheduled: ScheduledSpecs<SpecState>;
}

/** Data describe so many units that they are to be read in slices before the change is carried out. Nothing has changed. */
export class LongOutput extends Error {
  constructor(readonly data: EncodedData) {
    super('the output is long');
  }
}

/** So many leases that run out at once take as long as one unit of other long work. */
const LEASES_PER_STEP = 8;

/** A work spec: its definition and control values, and its units and attempts. The draw looks at it as it is. */
export class SpecState implements ClaimSource, Supply, SpecPort<WorkerRecord>, Awaited, Followed {
  definition: WorkSpec;
  retrying: Retrying | undefined;
  work: SpecWork;
  /** Is told what happens to the work, and tells others. */
  readonly observer: WorkObserver;
  /** What has happened to it. Stays whatever becomes of the units. */
  readonly history: SpecHistory;
  /** Closed while a long change of the units is under way. Whoever looks at units or attempts goes by it. */
  readonly gate: Gate;
  /** How it stood when the long change began that is under way; undefined when none is. */
  before: Condition | undefined;

  /** What the attempt puts out that is finishing just now. */
  private output: readonly NewWorkUnit[] | undefined;
  /** The same of very much, while that finishes. */
  private longOutput: readonly NewWorkUnit[] | undefined;

  /** As claims see it. Whoever changes units or control values says so. */
  readonly claimable: Claimable<SpecState>;

  /** What its flow says of when units are handed out; undefined: nothing. */
  limits: SpecLimits | undefined;
  /** Those that wait for it; undefined: nobody does. */
  private followers: ReadonlySet<Follower> | undefined;
  /** Whether it was at rest when its followers were told last. */
  private wasAtRest = true;

  constructor(
    private readonly namespace: SpecNamespace,
    definition: WorkSpecDefinition,
  ) {
    noteHeap(SPEC_BYTES + definition.data.length);
    this.definition = own(definition, namespace.followers);
    this.retrying = retryingOf(definition.meta.flow, namespace.random);
    this.history = new SpecHistory(namespace.observers.workOf(namespace.name, definition.name), namespace.histories);
    this.observer = this.history.recorder;
    this.gate = new Gate(namespace.pace);
    this.claimable = namespace.claimables.add(this);
    this.followers = namespace.followers.of(definition.name);
    this.limit(undefined, 0);
    this.work = new SpecWork(this, namespace.workers, this.observer);
  }

  /** Units or control values have changed: claims look at it anew. */
  changed(): void {
    this.claimable.expire();
    if (this.followers !== undefined) this.tellFollowers();
  }

  /** Those that wait for it are looked at anew when it has come to rest, or is no longer. */
  private tellFollowers(): void {
    const isNow = this.isAtRest;
    if (isNow === this.wasAtRest) return;
    this.wasAtRest = isNow;
    for (const follower of this.followers!) follower.predecessorChanged();
  }

  predecessorChanged(): void {
    this.limits?.predecessorChanged();
    this.changed();
  }

  followedBy(followers: ReadonlySet<Follower> | undefined): void {
    this.followers = followers;
    this.wasAtRest = this.isAtRest;
  }

  private get isAtRest(): boolean {
    return this.before ? isAtRest(this.before.counts) : this.work.isAtRest;
  }

  /** While a long change is under way it is as it was before. */
  isAtRestAt(now: Micros): boolean {
    this.isBusy(now);
    return this.isAtRest;
  }

  get nextDue(): Micros {
    return this.work.earliestDue();
  }

  /** Takes up what its flow says of when units are handed out. @param before - what it said: a bucket keeps its level */
  private limit(before: SpecLimits | undefined, now: Micros): void {
    const { specs, followers } = this.namespace;
    this.limits = SpecLimits.renewed(before, this.definition.meta.flow, specs, now);
    if (before) followers.remove(this, before.after);
    if (this.limits) followers.add(this, this.limits.after);
  }

  /** It goes, and waits for nothing any more. Those that waited for it do so no longer. */
  leaves(): void {
    if (this.limits) this.namespace.followers.remove(this, this.limits.after);
    for (const follower of this.followers ?? []) follower.predecessorChanged();
  }

  get needs(): Needs {
    return this.definition.meta;
  }

  get comesAfterOthers(): boolean {
    return this.limits !== undefined && this.limits.after.length > 0;
  }

  /** Until when nothing runs out or falls due that claims go by. */
  validUntil(now: Micros): Micros {
    const until = holdsUntil(this.definition.meta, this, this.work.earliestDue());
    return this.limits === undefined ? until : Math.min(until, this.limits.validUntil(now));
  }

  private allowance(now: Micros): number {
    return this.limits === undefined ? Infinity : this.limits.allowance(now);
  }

  setMeta(meta: WorkSpecMeta): void {
    this.definition.meta = meta;
    this.changed();
  }

  get pace(): Pace {
    return this.namespace.pace;
  }

  get memory(): ProcessMemory {
    return this.namespace.memory;
  }

  get workers(): WorkerDirectory {
    return this.namespace.workers;
  }

  /**
   * Lets what has run out by now take effect, which every operation begins with, unless it has to wait: then it is to be
   * carried out when the gate is open. Leases that ran out by the hundred thousand are settled in slices first.
   */
  isBusy(now: Micros): boolean {
    return this.gate.isClosed || (this.work.isDue(now) && this.settlesLong(now));
  }

  /** Which gate somebody has to wait at first who is to change an attempt. @param finishes - whether units may be chained */
  busyGate(now: Micros, finishes: boolean): Gate | undefined {
    if (this.isBusy(now)) return this.gate;
    const next = finishes ? this.next : undefined;
    return next?.isBusy(now) ? next.gate : undefined;
  }

  private settlesLong(now: Micros): boolean {
    const { work, pace } = this;
    if (!work.areDue(now, pace.large * LEASES_PER_STEP)) {
      work.settle(now);
      return false;
    }
    void behind([this.gate], () => inSlices(work.settling(now), pace.slices()));
    return true;
  }

  /** Closes it behind a long change of its units. */
  hold(): void {
    this.before = this.condition;
    this.gate.hold();
    this.changed();
  }

  release(): void {
    this.before = undefined;
    this.gate.release();
    this.changed();
  }

  /** The spec that finished work is chained into, where it is there. */
  get next(): SpecState | undefined {
    const { nextWorkSpecName } = this.definition.meta;
    return nextWorkSpecName === '' ? undefined : this.namespace.specs.get(nextWorkSpecName);
  }

  get chains(): boolean {
    return this.next !== undefined;
  }

  worker(name: ByteName, now: Micros): WorkerRecord {
    return this.workers.ensure(name, now);
  }

  noteReporter(name: ByteName, now: Micros): void {
    if (!this.memory.isFull) this.workers.ensure(name, now);
  }

  nextNumber(): number {
    return this.numbers.next();
  }

  admit(bytes: number): void {
    this.memory.admitReport(bytes);
  }

  /**
   * Where there is no room for what an attempt gives to the next spec it can not finish, so that nothing of it is lost: it can
   * when there is. @throws MemoryFullError, LongOutput
   */
  readOutput(data: EncodedData): void {
    const units = this.longOutput ?? shortOutputUnits(data, this.pace.large);
    if (!units) throw new LongOutput(data);
    if (units.length > 0) this.memory.admit(bytesOfUnits(units));
    this.output = units;
  }

  addOutput(now: Micros): void {
    const { output, next } = this;
    this.output = undefined;
    if (this.longOutput || !output || !next) return;
    for (const unit of output) putUnit(next.work, unit, now);
  }

  /** Makes a change whose output has been read, and is added afterwards by who asks. */
  withOutput<T>(units: readonly NewWorkUnit[], change: () => T): T {
    this.longOutput = units;
    try {
      return change();
    } finally {
      this.longOutput = undefined;
    }
  }

  /** Takes a new definition. next_continuous stays, so that a continuous unit does not come early for it. */
  redefine(definition: WorkSpecDefinition, now: Micros): void {
    const { nextContinuous, lastContinuous } = this.definition.meta;
    this.definition = own(definition, this.namespace.followers);
    this.retrying = retryingOf(definition.meta.flow, this.namespace.random);
    Object.assign(this.definition.meta, { nextContinuous, lastContinuous });
    this.limit(this.limits, now);
    this.changed();
  }

  /** How far it is in its schedule from now on. */
  setSlots(slots: SlotState | undefined): void {
    const { definition, namespace } = this;
    definition.meta = { ...definition.meta, slots };
    if (slots) namespace.scheduled.add(this);
    else namespace.scheduled.remove(this);
  }

  /** Whether it is the one that is there by its name. */
  get isThere(): boolean {
    return this.namespace.isThere && this.namespace.specs.get(this.definition.name) === this;
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

  get numbers(): AttemptNumbers {
    return this.namespace.numbers;
  }

  /** Whether it could give out work if it had some. */
  get isHandedOut(): boolean {
    return isHandedOut(this.definition.meta);
  }

  /** Whether there is work that it could give out now, if it may. */
  hasWork(now: Micros): boolean {
    if (!hasWork(this.metaAt(now), this, now, this.allowance(now))) return false;
    return this.available > 0 || !this.memory.isFull;
  }

  canStartContinuous(now: Micros): boolean {
    return makesOwnUnit(this.metaAt(now), this, now) && !this.memory.isFull;
  }

  /** How many units one claim that asks for `asked` may take. */
  batchSize(asked: number, now: Micros): number {
    return claimSize(this.definition.meta, asked, this, this.allowance(now));
  }

  get condition(): Condition {
    return { counts: this.work.counts(), since: this.work.oldestAvailable() };
  }

  /** Drops all units at once, whatever their number. What workers know of them goes afterwards. */
  dropWork(): void {
    const { work } = this;
    this.work = new SpecWork(this, this.workers, this.observer);
    this.changed();
    giveUpWork([{ work }], this.pace);
  }
}

/** The closed gates among those of some specs. */
export function closedOf(specs: Iterable<SpecState>): Gate[] {
  const closed: Gate[] = [];
  for (const { gate } of specs) if (gate.isClosed) closed.push(gate);
  return closed;
}

/** A copy that nobody else changes. */
function own(definition: WorkSpecDefinition, followers: Followers): WorkSpec {
  const meta = { ...definition.meta };
  const { flow } = meta;
  if (flow?.after) meta.flow = Object.freeze({ ...flow, after: Object.freeze(followers.shared(flow.after)) });
  return { ...definition, data: Buffer.from(definition.data), meta };
}
