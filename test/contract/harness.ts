import type { Micros, Random, Repositories } from 'coordinate-daemon/backend';
import type { RecordingObserver } from './recording-observer.js';

export type { Repositories } from 'coordinate-daemon/backend';

/**
 * What a backend may lack. A test that needs one of these says so, and is skipped on a backend that declares that it lacks
 * it; there is no other way for a backend to be let off.
 *
 * - `locks`: it has hierarchical locks
 * - `retention`: it removes old units and workers
 * - `snapshots`: all of it can be read as it is at one moment, and put into an empty one
 * - `watching`: it tells an observer what happens to work
 * - `history`: it tells what happened to work, and when
 * - `sharing`: several daemons can work on one storage; `another` opens it once more
 * - `telling`: such daemons tell each other at once what happens; else each looks now and then
 * - `moments`: it changes or deletes all units that a query selects at one moment; others do so in portions
 * - `outages`: it can be away while the daemon is there; `interrupt` makes it so
 */
export type Capability =
  'locks' | 'retention' | 'snapshots' | 'watching' | 'history' | 'sharing' | 'telling' | 'moments' | 'outages';

/** What a backend lacks, each with the reason in a few words, which the suite shows beside what it leaves out. */
export type Lacks = Readonly<Partial<Record<Capability, string>>>;

/** A storage backend to run the suite against. */
export interface BackendHarness {
  readonly name: string;
  readonly lacks: Lacks;
  /** Starts the backend; called once for the whole suite. */
  open(): Promise<OpenBackend>;
}

export interface OpenBackend {
  /** Those of one daemon, read anew for each use: `reset` may replace them. They may answer at once or later. */
  readonly repositories: Repositories;
  /** Sets the clock that the backend decides leases and delays by. It stands still until it is set again. */
  setClock(now: Micros): Promise<void>;
  /** Replaces the randomness that the scheduler draws by. */
  setRandom(random: Random): void;
  /** What the observer was told, oldest first; not where it lacks `watching`. */
  readonly observer?: RecordingObserver;
  /** Another daemon on the same storage, with the same clock and randomness; it goes away with `reset`. Not where it lacks `sharing`. */
  another?(): Promise<Repositories>;
  /** Lets so many milliseconds go by for who looks now and then whether there is work. Not where such looks go by the clock that is set. */
  letGoBy?(ms: number): void;
  /** Makes the storage unreachable, with all that it holds. Not where it lacks `outages`. @returns what ends that */
  interrupt?(): Promise<() => Promise<void>>;
  /** Empties the storage; called before each test. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
