import { compareText } from '../../domain/names.js';
import type { SnapshotHead, SnapshotRecord } from '../../domain/snapshot.js';
import type { Micros } from '../../domain/time.js';
import type { WorkSpec } from '../../domain/work-spec.js';
import { SplitMap } from '../../structures/split-map.js';
import type { Slices } from '../../timing/slices.js';
import type { Pauses } from './keeper.js';
import type { MemoryStore } from './memory-store.js';
import { inSlices } from './pace.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';
import { SpecImage } from './spec-image.js';
import type { WorkerDirectory } from './worker-directory.js';
import type { WorkersImage } from './workers-image.js';

/** Records that are handed over at a time. */
const BATCH = 500;
/** Reading so many bytes takes about as long as another small step. */
const STEP_BYTES = 4096;

interface SpecAt {
  readonly definition: WorkSpec;
  readonly fullAt: Micros | undefined;
  readonly image: SpecImage;
}

interface NamespaceAt {
  readonly name: string;
  readonly specs: readonly SpecAt[];
  readonly directory?: WorkerDirectory;
  readonly workers?: WorkersImage;
}

/** All that a store holds as it is at the moment at which this is made, while others go on changing it. To be closed. */
export class StoreImage {
  /** Those that held specs or workers at that moment. */
  private readonly namespaces: NamespaceAt[] = [];
  private readonly head: SnapshotHead;
  private readonly pauses: Pauses = { count: 0 };

  /** No spec may be busy. There may be one of these at a time. */
  constructor(
    private readonly store: MemoryStore,
    now: Micros,
  ) {
    const { latest } = store.numbers;
    let units = 0;
    for (const { name, specs, knownWorkers: directory } of store.unsorted()) {
      if (specs.size === 0 && !directory) continue;
      const at: SpecAt[] = [];
      for (const { definition, work, limits } of specs.values()) {
        units += work.size;
        const image = new SpecImage(work, now, latest);
        work.image = image;
        at.push({ definition: { ...definition }, fullAt: limits?.fullAtIfNot(now), image });
      }
      this.namespaces.push({ name, specs: at, directory, workers: directory?.beginImage(now) });
    }
    this.head = { kind: 'head', takenAt: now, lastAttemptNumber: latest, units };
  }

  /** In slices, between which others go on. */
  async *records(): AsyncGenerator<readonly SnapshotRecord[]> {
    const slices = this.store.pace.slices();
    yield [this.head];
    for (const { name, specs = [], workers } of await this.inOrder(slices)) {
      if (slices.isOver()) await slices.next();
      yield [{ kind: 'namespace', name }];
      for (const { definition, fullAt, image } of await sortedInSlices(specs, byDefinition, slices)) {
        yield [{ kind: 'work spec', definition, ...(fullAt !== undefined && { fullAt }) }];
        yield* this.inBatches(image.records(this.pauses), slices);
      }
      if (workers) yield* this.inBatches(workers.records(this.pauses), slices);
    }
  }

  /** With the empty ones, of which there may be millions: those of later, since nothing depends on when they came or went. */
  private async inOrder(slices: Slices): Promise<(Pick<NamespaceAt, 'name'> & Partial<NamespaceAt>)[]> {
    const held = new SplitMap<true>();
    for (const { name } of this.namespaces) held.set(name, true);
    const all: (Pick<NamespaceAt, 'name'> & Partial<NamespaceAt>)[] = [...this.namespaces];
    for (const { name } of this.store.unsorted()) {
      if (held.set(name, true)) all.push({ name });
      if (slices.isOver()) await slices.next();
    }
    return sortedInSlices(all, byName, slices);
  }

  /** Lets go of what was kept, in slices. */
  async close(): Promise<void> {
    for (const { specs, directory } of this.namespaces) {
      for (const { image } of specs) image.work.image = undefined;
      directory?.endImage();
    }
    const slices = this.store.pace.slices();
    for (const { specs, directory, workers } of this.namespaces) {
      for (const { image } of specs) {
        await inSlices(image.release(), slices);
        if (slices.isOver()) await slices.next();
      }
      for (const worker of workers?.leaving ?? []) {
        directory!.forgetRetired(worker);
        if (slices.isOver()) await slices.next();
      }
    }
  }

  private async *inBatches(
    records: Iterable<SnapshotRecord | undefined>,
    slices: Slices,
  ): AsyncGenerator<readonly SnapshotRecord[]> {
    let batch: SnapshotRecord[] = [];
    for (const record of records) {
      if (record) batch.push(record);
      if (!slices.isOver(1 + bytesOf(record) / STEP_BYTES) && batch.length < BATCH) continue;
      this.pauses.count++;
      yield batch;
      batch = [];
      await slices.next();
    }
    this.pauses.count++;
    if (batch.length > 0) yield batch;
  }
}

function bytesOf(record: SnapshotRecord | undefined): number {
  return record && 'data' in record ? (record.data?.length ?? 0) : 0;
}

function byName(a: Pick<NamespaceAt, 'name'>, b: Pick<NamespaceAt, 'name'>): number {
  return compareText(a.name, b.name);
}

function byDefinition(a: SpecAt, b: SpecAt): number {
  return compareText(a.definition.name, b.definition.name);
}
