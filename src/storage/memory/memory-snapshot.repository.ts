import type { SnapshotAttempt, SnapshotRecord, SnapshotRecords, SnapshotWorker } from '../../domain/snapshot.js';
import { StorageNotEmptyError } from '../../domain/snapshot.js';
import type { Micros } from '../../domain/time.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { SnapshotRepository } from '../../snapshots/snapshot.repository.js';
import { whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import type { NamespaceState } from './namespace-state.js';
import { closedOf, SpecState } from './spec-state.js';
import { ALL_STATUSES, DELAYED, PENDING } from './unit-table.js';
import type { WorkerRecord } from './worker-record.js';

/** Records that are handed over at a time. */
const BATCH = 1000;

export class MemorySnapshotRepository extends SnapshotRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override read<T>(use: (records: Iterable<readonly SnapshotRecord[]>) => Promise<T>): Promise<T> {
    const closed = this.store.all().flatMap(({ specs }) => closedOf(specs.values()));
    if (closed.length > 0) return whenOpen(closed, () => this.read(use));
    return use(this.records(this.store.now()));
  }

  override async restore(records: SnapshotRecords): Promise<void> {
    const restoring = new Restoring(this.store);
    for await (const some of records) {
      for (const record of some) {
        this.store.memory.admit(0);
        restoring.take(record);
      }
    }
    restoring.end();
    // Somebody may have come meanwhile.
    if (!this.store.isEmpty) throw new StorageNotEmptyError();
    this.store.adopt(restoring.namespaces);
  }

  private *records(now: Micros): Generator<readonly SnapshotRecord[]> {
    let batch: SnapshotRecord[] = [];
    for (const record of this.each(now)) {
      batch.push(record);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  private *each(now: Micros): Generator<SnapshotRecord> {
    const namespaces = this.store.all();
    let units = 0;
    for (const { specs } of namespaces) for (const { work } of specs.values()) units += work.size;
    yield { kind: 'head', takenAt: now, lastAttemptNumber: this.store.numbers.latest, units };
    for (const namespace of namespaces) {
      yield { kind: 'namespace', name: namespace.name };
      for (const spec of namespace.specsByName()) {
        yield { kind: 'work spec', definition: spec.definition };
        yield* unitsOf(spec, now);
      }
      namespace.knownWorkers?.settle(now);
      for (const worker of namespace.knownWorkers?.all() ?? []) yield workerRecord(namespace, worker, now);
    }
  }
}

function* unitsOf({ work }: SpecState, now: Micros): Generator<SnapshotRecord> {
  work.settle(now);
  const { units, order, attempts } = work;
  for (let unit = order.after(null, ALL_STATUSES); unit !== 0; unit = order.next(unit, ALL_STATUSES)) {
    yield {
      kind: 'work unit',
      name: work.nameOf(unit),
      data: work.readData(units.data(unit)),
      priority: units.priority(unit),
      notBefore: units.notBefore(unit),
      status: WORK_UNIT_STATUSES[units.status(unit)],
      moment: units.moment(unit),
      tries: units.tries(unit),
    };
    const history = [...attempts.backFrom(units.latest(unit))].reverse();
    for (const attempt of history) yield attemptRecord(work, attempt, unit, now);
  }
}

function attemptRecord(work: SpecState['work'], attempt: number, unit: number, now: Micros): SnapshotAttempt {
  const { attempts, units, bytes } = work;
  const { table } = attempts;
  const own = table.ownData(attempt);
  const start = table.startData(attempt);
  const isPast = units.latest(unit) !== attempt;
  return {
    kind: 'attempt',
    number: table.number(attempt),
    worker: attempts.workerOf(attempt).name,
    status: attempts.statusNow(attempt, now),
    start: table.start(attempt),
    end: table.end(attempt),
    expiration: table.expiration(attempt),
    late: table.late(attempt),
    data: own !== 0 ? bytes.read(own) : isPast ? work.readData(start) : undefined,
    startData: own !== 0 || isPast || start === units.data(unit) ? undefined : work.readData(start),
  };
}

function workerRecord(namespace: NamespaceState, worker: WorkerRecord, now: Micros): SnapshotWorker {
  const { latestClaim } = worker;
  const spec = latestClaim && [...namespace.specs.values()].find(({ work }) => work === latestClaim.work);
  return {
    kind: 'worker',
    name: worker.name,
    parent: worker.parent?.name,
    mode: worker.mode,
    data: worker.data,
    lastUpdate: worker.lastUpdate,
    expiration: worker.expiration,
    deactivated: worker.deactivated,
    inactiveSince: worker.isActive(now) ? undefined : worker.inactiveSince,
    reported: worker.reported,
    lastClaim: worker.lastClaim,
    claim:
      spec && latestClaim.attempts.length > 0
        ? {
            workSpec: spec.definition.name,
            first: latestClaim.attempts[0].number,
            last: latestClaim.attempts.at(-1)!.number,
          }
        : undefined,
  };
}

/** A storage that is put together record by record. */
class Restoring {
  readonly namespaces: NamespaceState[] = [];
  private spec: SpecState | undefined;
  private units: number[] = [];
  private workers: WorkerRecord[] = [];
  private readonly active = new Set<WorkerRecord>();

  constructor(private readonly store: MemoryStore) {
    if (!store.isEmpty) throw new StorageNotEmptyError();
  }

  take(record: SnapshotRecord): void {
    switch (record.kind) {
      case 'head':
        return this.store.numbers.skipTo(record.lastAttemptNumber);
      case 'namespace':
        this.end();
        this.namespaces.push(this.store.make(record.name));
        return;
      case 'work spec': {
        this.endSpec();
        const { definition } = record;
        this.spec = new SpecState(this.namespace, definition);
        this.namespace.specs.set(definition.name, this.spec);
        return;
      }
      case 'work unit': {
        const status = WORK_UNIT_STATUSES.indexOf(record.status);
        this.units.push(this.spec!.work.restore({ ...record, status }));
        return;
      }
      case 'attempt':
        return this.takeAttempt(record);
      case 'worker':
        this.endSpec();
        return this.takeWorker(record);
    }
  }

  /** Brings the namespace to an end. */
  end(): void {
    this.endSpec();
    if (this.workers.length > 0) this.namespace.workers.restored(this.workers, (worker) => this.active.has(worker));
    this.workers = [];
    this.active.clear();
  }

  private get namespace(): NamespaceState {
    return this.namespaces[this.namespaces.length - 1];
  }

  private endSpec(): void {
    this.spec?.work.restored(this.units);
    this.spec = undefined;
    this.units = [];
  }

  private takeAttempt(record: SnapshotAttempt): void {
    const { work } = this.spec!;
    const unit = this.units[this.units.length - 1];
    const attempt = work.attempts.restore(unit, this.namespace.workers.named(record.worker), record);
    const status = work.units.status(unit);
    // The last one stays; those before it have been superseded.
    if (status >= PENDING && status !== DELAYED) work.units.setActive(unit, attempt);
  }

  private takeWorker(record: SnapshotWorker): void {
    const { workers, specs } = this.namespace;
    const worker = workers.named(record.name);
    if (record.parent !== undefined) {
      worker.parent = workers.named(record.parent);
      worker.parent.children.add(worker);
    }
    worker.mode = record.mode;
    worker.data = record.data;
    worker.lastUpdate = record.lastUpdate;
    worker.expiration = record.expiration;
    worker.deactivated = record.deactivated;
    worker.inactiveSince = record.inactiveSince ?? record.expiration;
    worker.reported = record.reported;
    worker.lastClaim = record.lastClaim;
    worker.latestClaim = claimOf(worker, specs, record.claim);
    if (record.inactiveSince === undefined) this.active.add(worker);
    this.workers.push(worker);
  }
}

function claimOf(
  worker: WorkerRecord,
  specs: NamespaceState['specs'],
  claim: SnapshotWorker['claim'],
): WorkerRecord['latestClaim'] {
  const work = claim && specs.get(claim.workSpec)?.work;
  if (!work) return undefined;
  const attempts = work.attempts
    .allOf(worker)
    .map((id) => ({ id, number: work.attempts.table.number(id) }))
    .filter(({ number }) => number >= claim.first && number <= claim.last)
    .sort((a, b) => a.number - b.number);
  return { work, attempts };
}
