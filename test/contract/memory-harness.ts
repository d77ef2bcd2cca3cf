import type { Random } from '../../src/domain/scheduler/draw.js';
import type { Micros } from '../../src/domain/time.js';
import { LocalClock } from '../../src/domain/time.js';
import { repositoriesOver } from '../../src/storage/memory/memory-repositories.js';
import { MemoryStore } from '../../src/storage/memory/memory-store.js';
import type { Pace } from '../../src/storage/memory/pace.js';
import { Slices } from '../../src/timing/slices.js';
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
export const EVERY_STEP: Pace = { large: 0, many: 1, slices: () => new Slices(0, 1) };

class OpenMemory implements OpenBackend {
  private readonly clock = new ManualClock();
  private random: Random = () => 0;
  readonly observer = new RecordingObserver();
  private store: MemoryStore;
  repositories: Repositories;

  constructor(private readonly pace?: Pace) {
    this.store = this.empty(pace);
    this.repositories = this.daemon();
  }

  private empty(pace?: Pace): MemoryStore {
    return new MemoryStore(this.clock, this.observer, pace, undefined, undefined, () => this.random());
  }

  private daemon(): Repositories {
    return repositoriesOver(this.store, this.clock, () => this.random());
  }

  setClock(now: Micros): Promise<void> {
    this.clock.time = now;
    return Promise.resolve();
  }

  setRandom(random: Random): void {
    this.random = random;
  }

  another(): Promise<Repositories> {
    return Promise.resolve(this.daemon());
  }

  reset(): Promise<void> {
    this.store = this.empty(this.pace);
    this.repositories = this.daemon();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function harness(name: string, pace?: Pace): BackendHarness {
  return {
    name,
    lacks: { outages: 'it is there as long as the process is' },
    open: () => Promise.resolve(new OpenMemory(pace)),
  };
}

export const memoryHarness = harness('memory');

/** The same, but that every operation lets others in between its steps. */
export const slicedMemoryHarness = harness('memory, every step a slice', EVERY_STEP);
