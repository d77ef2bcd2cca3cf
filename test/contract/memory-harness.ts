import type { Random } from '../../src/domain/scheduler/draw.js';
import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import type { Micros } from '../../src/domain/time.js';
import { LocalClock } from '../../src/domain/time.js';
import { MemoryAttemptRepository } from '../../src/storage/memory/memory-attempt.repository.js';
import { MemoryLockRepository } from '../../src/storage/memory/memory-lock.repository.js';
import { MemoryMaintenanceRepository } from '../../src/storage/memory/memory-maintenance.repository.js';
import { MemoryNamespaceRepository } from '../../src/storage/memory/memory-namespace.repository.js';
import { MemorySnapshotRepository } from '../../src/storage/memory/memory-snapshot.repository.js';
import type { Pace } from '../../src/storage/memory/pace.js';
import { Slices } from '../../src/timing/slices.js';
import { MemoryStore } from '../../src/storage/memory/memory-store.js';
import { MemoryWorkSpecRepository } from '../../src/storage/memory/memory-work-spec.repository.js';
import { MemoryWorkUnitRepository } from '../../src/storage/memory/memory-work-unit.repository.js';
import { MemoryWorkerRepository } from '../../src/storage/memory/memory-worker.repository.js';
import type { ProcessMemory } from '../../src/storage/process-memory.js';
import type { BackendHarness, OpenBackend, Repositories } from './harness.js';
import { RecordingObserver } from './recording-observer.js';

/** A clock that stands still until it is set. */
export class ManualClock extends LocalClock {
  /** How often it was read. */
  reads = 0;
  time: Micros = 0;

  override now(): Micros {
    this.reads++;
    return this.time;
  }
}

/** Whatever can go in slices does so, and every step is a slice. */
export const EVERY_STEP: Pace = { large: 0, slices: () => new Slices(0, 1) };

export function memoryRepositories(
  clock: LocalClock,
  random: Random,
  pace?: Pace,
  memory?: ProcessMemory,
): Repositories {
  return repositoriesOf(new MemoryStore(clock, undefined, pace, memory), random);
}

function repositoriesOf(store: MemoryStore, random: Random): Repositories {
  return {
    namespaces: new MemoryNamespaceRepository(store),
    specs: new MemoryWorkSpecRepository(store),
    units: new MemoryWorkUnitRepository(store),
    attempts: new MemoryAttemptRepository(store, new Scheduler(random)),
    workers: new MemoryWorkerRepository(store),
    locks: new MemoryLockRepository(store),
    maintenance: new MemoryMaintenanceRepository(store),
    snapshots: new MemorySnapshotRepository(store),
  };
}

class OpenMemory implements OpenBackend {
  readonly clock = new ManualClock();
  private random: Random = () => 0;
  private readonly draw: Random = () => this.random();
  readonly observer = new RecordingObserver();
  private store: MemoryStore;
  repositories: Repositories;

  constructor(private readonly pace?: Pace) {
    this.store = new MemoryStore(this.clock, this.observer, pace);
    this.repositories = repositoriesOf(this.store, this.draw);
  }

  setClock(now: Micros): Promise<void> {
    this.clock.time = now;
    return Promise.resolve();
  }

  setRandom(random: Random): void {
    this.random = random;
  }

  another(): Promise<Repositories> {
    return Promise.resolve(repositoriesOf(this.store, this.draw));
  }

  reset(): Promise<void> {
    this.store = new MemoryStore(this.clock, this.observer, this.pace);
    this.repositories = repositoriesOf(this.store, this.draw);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function harness(name: string, pace?: Pace): BackendHarness {
  return {
    name,
    capabilities: new Set(['locks', 'retention', 'watching', 'sharing', 'moments']),
    open: () => Promise.resolve(new OpenMemory(pace)),
  };
}

export const memoryHarness = harness('memory');

/** The same, but that every operation lets others in between its steps. */
export const slicedMemoryHarness = harness('memory, every step a slice', EVERY_STEP);
