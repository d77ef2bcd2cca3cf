import type { ByteName } from '../../domain/names.js';
import type { SnapshotRecord, SnapshotWorker } from '../../domain/snapshot.js';
import type { Micros } from '../../domain/time.js';
import type { Pauses } from './keeper.js';
import type { WorkerRecord } from './worker-record.js';

/** Where the workers are. */
export interface ImagedWorkers {
  /** The first with a greater name, null = of all. */
  after(name: ByteName | null): WorkerRecord | undefined;
  next(worker: WorkerRecord): WorkerRecord | undefined;
}

/** The workers of a namespace as they were at the moment at which this was made, as SpecImage is of units. */
export class WorkersImage {
  /** By id: what has been kept of those that have changed; null: nothing is needed. */
  private readonly kept: (SnapshotWorker | null | undefined)[];
  /** Those whose records are to go when this goes: attempts may be read that name them. */
  readonly leaving = new Set<WorkerRecord>();

  /** @param ids - all ids that there have been are below */
  constructor(
    private readonly workers: ImagedWorkers,
    private readonly now: Micros,
    ids: number,
  ) {
    this.kept = new Array<SnapshotWorker | null | undefined>(ids);
  }

  /** A worker is about to change. */
  keep(worker: WorkerRecord): void {
    if (this.needs(worker)) this.kept[worker.id] = worker.retired ? null : this.record(worker);
  }

  /** A new one has got its id. */
  added(id: number): void {
    if (id < this.kept.length) this.kept[id] = null;
  }

  /** As SpecImage.records. */
  *records(pauses: Readonly<Pauses>): Generator<SnapshotRecord | undefined> {
    let seen = pauses.count;
    let worker = this.workers.after(null);
    while (worker) {
      const { name } = worker;
      const next = this.workers.next(worker);
      yield this.take(worker);
      worker = pauses.count === seen ? next : this.workers.after(name);
      seen = pauses.count;
    }
  }

  private take(worker: WorkerRecord): SnapshotWorker | undefined {
    if (worker.id >= this.kept.length) return undefined;
    const kept = this.kept[worker.id];
    this.kept[worker.id] = null;
    if (kept !== undefined) return kept ?? undefined;
    return worker.retired ? undefined : this.record(worker);
  }

  private needs({ id }: WorkerRecord): boolean {
    return id < this.kept.length && this.kept[id] === undefined;
  }

  private record(worker: WorkerRecord): SnapshotWorker {
    const { latestClaim } = worker;
    return {
      kind: 'worker',
      name: worker.name,
      parent: worker.parent?.name,
      mode: worker.mode,
      data: worker.data,
      lastUpdate: worker.lastUpdate,
      expiration: worker.expiration,
      deactivated: worker.deactivated,
      inactiveSince: worker.isActive(this.now) ? undefined : worker.inactiveAt,
      reported: worker.reported,
      lastClaim: worker.lastClaim,
      claim:
        // Units that had been dropped before have no image.
        latestClaim?.work.image && latestClaim.attempts.length > 0
          ? {
              workSpec: latestClaim.work.spec.definition.name,
              first: latestClaim.attempts[0].number,
              last: latestClaim.attempts.at(-1)!.number,
            }
          : undefined,
    };
  }
}
