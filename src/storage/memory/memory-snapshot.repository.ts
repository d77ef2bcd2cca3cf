import type { Awaitable } from '../../domain/awaitable.js';
import { failureCause } from '../../domain/cause.js';
import type { SnapshotAttempt, SnapshotRecord, SnapshotRecords, SnapshotWorker } from '../../domain/snapshot.js';
import { StorageNotEmptyError } from '../../domain/snapshot.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { SnapshotRepository } from '../../snapshots/snapshot.repository.js';
import type { Gate } from './gate.js';
import { whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import type { NamespaceState } from './namespace-state.js';
import { SpecState } from './spec-state.js';
import { StoreImage } from './store-image.js';
import type { WorkerRecord } from './worker-record.js';

export class MemorySnapshotRepository extends SnapshotRepository {
  override readonly keepsWhatChanges = true;
  /** The reading that came last. */
  private before: Promise<unknown> = Promise.resolve();

  constructor(private readonly store: MemoryStore) {
    super();
  }

  /** One after another. */
  override read<T>(use: (records: SnapshotRecords) => Promise<T>): Promise<T> {
    const read = this.before.then(() => this.readNow(use));
    this.before = read.catch(() => undefined);
    return read;
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

  private async readNow<T>(use: (records: SnapshotRecords) => Promise<T>): Promise<T> {
    await this.settle();
    const image = await this.takeImage();
    try {
      return await use(image.records());
    } finally {
      await image.close();
    }
  }

  /** Lets what has run out take effect, so that little is left of it for the moment of the image. */
  private async settle(): Promise<void> {
    const slices = this.store.pace.slices();
    for (const { specs } of this.store.unsorted()) {
      for (const spec of specs.values()) {
        spec.isBusy(this.store.now());
        if (slices.isOver()) await slices.next();
      }
      if (slices.isOver()) await slices.next();
    }
  }

  private takeImage(): Awaitable<StoreImage> {
    const now = this.store.now();
    const busy: Gate[] = [];
    for (const { specs } of this.store.unsorted()) {
      if (specs.size === 0) continue;
      for (const spec of specs.values()) if (spec.isBusy(now)) busy.push(spec.gate);
    }
    return busy.length > 0 ? whenOpen(busy, () => this.takeImage()) : new StoreImage(this.store, now);
  }
}

/** A storage that is put together record by record. */
class Restoring {
  readonly namespaces: NamespaceState[] = [];
  private spec: SpecState | undefined;
  private units: number[] = [];
  /** Why the failed ones did. */
  private causes = new Map<number, string>();
  private workers: WorkerRecord[] = [];
  /** The unit whose attempts come, where they say why it failed; else 0. */
  private failedUnit = 0;
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
        const { definition, fullAt } = record;
        this.spec = new SpecState(this.namespace, definition);
        if (fullAt !== undefined) this.spec.limits?.restore(fullAt);
        this.namespace.addSpec(this.spec);
        return;
      }
      case 'work unit': {
        const status = WORK_UNIT_STATUSES.indexOf(record.status);
        const unit = this.spec!.work.restore({ ...record, status });
        this.units.push(unit);
        if (record.status === 'failed' && record.cause !== undefined) this.causes.set(unit, record.cause);
        this.failedUnit = record.status === 'failed' && record.cause === undefined ? unit : 0;
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
    this.spec?.work.restored(this.units, this.causes);
    this.causes = new Map();
    this.spec = undefined;
    this.units = [];
  }

  private takeAttempt(record: SnapshotAttempt): void {
    const unit = this.units[this.units.length - 1];
    // Of several attempts at it the last one counts.
    if (unit === this.failedUnit) this.causes.set(unit, failureCause({ data: record.data }));
    this.spec!.work.attempts.restore(unit, this.namespace.workers.named(record.worker), record);
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
    worker.inactiveAt = record.inactiveSince ?? record.expiration;
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
