import { encode } from '../../src/cbor/index.js';
import type { AttemptOutcome } from '../../src/domain/attempt-outcome.js';
import type { AttemptStatus } from '../../src/domain/attempt.js';
import { readingOutput } from '../../src/domain/chaining.js';
import type { EncodedData } from '../../src/domain/data.js';
import type { ByteName } from '../../src/domain/names.js';
import type { Retrying } from '../../src/domain/retry-rules.js';
import type { Micros } from '../../src/domain/time.js';
import { ZERO_TIME } from '../../src/domain/time.js';
import type { AttemptPort, SpecPort, UnitPort, UnitsPort } from '../../src/domain/unit-port.js';
import { putUnit } from '../../src/domain/unit-rules.js';
import type { NewWorkUnit, WorkUnitStatus } from '../../src/domain/work-unit.js';

/** The ports of the rules on plain objects: all that a further backend has to bring along, without a rule of its own. */
export class PlainSpec implements UnitsPort, SpecPort<ByteName> {
  readonly units = new Map<ByteName, PlainUnit>();
  readonly workers = new Set<ByteName>();
  /** Every end of an attempt that was told, with when it began. */
  readonly ends: { outcome: AttemptOutcome; start: Micros; end: Micros }[] = [];
  /** Units that were added, or added again. */
  added = 0;
  /** Where output goes. */
  next: PlainSpec | undefined;
  /** Whether there is no room for anything. */
  isFull = false;
  retrying: Retrying | undefined;
  private last = 0;
  private output: NewWorkUnit[] = [];

  find(name: ByteName): PlainUnit | undefined {
    return this.units.get(name);
  }

  create({ name, data, priority }: NewWorkUnit, notBefore: Micros, status: WorkUnitStatus, moment: Micros): void {
    this.units.set(name, new PlainUnit(this, data, priority, notBefore, status, moment));
  }

  noteAdded(): void {
    this.added++;
  }

  worker(name: ByteName): ByteName {
    this.workers.add(name);
    return name;
  }

  noteReporter(name: ByteName): void {
    this.workers.add(name);
  }

  nextNumber(): number {
    return ++this.last;
  }

  get chains(): boolean {
    return this.next !== undefined;
  }

  admit(): void {
    if (this.isFull) throw new Error('full');
  }

  readOutput(data: EncodedData): void {
    this.admit();
    const reading = readingOutput(data);
    let step = reading.next();
    while (!step.done) step = reading.next();
    this.output = step.value;
  }

  addOutput(now: Micros): void {
    for (const unit of this.output) putUnit(this.next!, unit, now);
  }
}

export class PlainUnit implements UnitPort<ByteName> {
  tries = 0;
  failures = 0;
  lapse: Micros | undefined;
  cause: string | undefined;
  /** Oldest first. */
  readonly history: PlainAttempt[] = [];

  constructor(
    private readonly spec: PlainSpec,
    public data: EncodedData,
    public priority: number,
    public notBefore: Micros,
    public status: WorkUnitStatus,
    public moment: Micros,
  ) {}

  get latest(): PlainAttempt | undefined {
    return this.history.at(-1);
  }

  enter(status: WorkUnitStatus, moment: Micros, cause?: string): void {
    Object.assign(this, { status, moment, cause });
  }

  begin(worker: ByteName, number: number, start: Micros, expiration: Micros): void {
    this.history.push(new PlainAttempt(this.spec.ends, worker, number, start, expiration, this.data));
  }

  forgetLatest(): void {
    this.history.pop();
  }
}

export class PlainAttempt implements AttemptPort {
  status: AttemptStatus = 'pending';
  end = ZERO_TIME;
  late = false;
  ownData: EncodedData | undefined;

  constructor(
    private readonly ends: PlainSpec['ends'],
    readonly worker: ByteName,
    readonly number: number,
    readonly start: Micros,
    public expiration: Micros,
    private readonly startData: EncodedData,
  ) {}

  get data(): EncodedData {
    return this.ownData ?? this.startData;
  }

  become(status: AttemptStatus, end: Micros): void {
    Object.assign(this, { status, end });
  }

  noteEnd(outcome: AttemptOutcome, end: Micros): void {
    this.ends.push({ outcome, start: this.start, end });
  }
}

/** A unit to add. */
export function unit(name: string, fields: Partial<NewWorkUnit> = {}): NewWorkUnit {
  return { name, data: encode({ of: name }), priority: 0, ...fields };
}
