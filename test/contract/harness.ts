import type { AttemptRepository } from '../../src/attempts/attempt.repository.js';
import type { Random } from '../../src/domain/scheduler/draw.js';
import type { Micros } from '../../src/domain/time.js';
import type { LockRepository } from '../../src/locks/lock.repository.js';
import type { MaintenanceRepository } from '../../src/maintenance/maintenance.repository.js';
import type { NamespaceRepository } from '../../src/namespaces/namespace.repository.js';
import type { SnapshotRepository } from '../../src/snapshots/snapshot.repository.js';
import type { WorkSpecRepository } from '../../src/work-specs/work-spec.repository.js';
import type { WorkUnitRepository } from '../../src/work-units/work-unit.repository.js';
import type { WorkerRepository } from '../../src/workers/worker.repository.js';
import type { RecordingObserver } from './recording-observer.js';

/**
 * What a backend may lack. A test that needs one of these says so, and is skipped on a backend that does not declare it;
 * there is no other way for a backend to be let off.
 *
 * - `locks`: it has hierarchical locks
 * - `retention`: it removes old units and workers
 * - `watching`: it tells an observer what happens to work
 * - `sharing`: several daemons can work on one storage; `another` opens it once more
 * - `moments`: it changes or deletes all units that a query selects at one moment; others do so in portions
 */
export type Capability = 'locks' | 'retention' | 'watching' | 'sharing' | 'moments';

/** A storage backend to run the suite against. */
export interface BackendHarness {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Starts the backend; called once for the whole suite. */
  open(): Promise<OpenBackend>;
}

/** The repositories of one daemon. Their methods may answer at once or later: tests always await. */
export interface Repositories {
  readonly namespaces: NamespaceRepository;
  readonly specs: WorkSpecRepository;
  readonly units: WorkUnitRepository;
  readonly attempts: AttemptRepository;
  readonly workers: WorkerRepository;
  readonly locks: LockRepository;
  readonly maintenance: MaintenanceRepository;
  readonly snapshots: SnapshotRepository;
}

export interface OpenBackend {
  /** Read anew for each use: `reset` may replace them. */
  readonly repositories: Repositories;
  /** Sets the clock that the backend decides leases and delays by. It stands still until it is set again. */
  setClock(now: Micros): Promise<void>;
  /** Replaces the randomness that the scheduler draws by. */
  setRandom(random: Random): void;
  /** What the observer was told, oldest first; with `watching`. */
  readonly observer?: RecordingObserver;
  /** Another daemon on the same storage, with the same clock and randomness. Goes away with reset. */
  another?(): Promise<Repositories>;
  /** Empties the storage; called before each test. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
