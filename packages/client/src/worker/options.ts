import type { Duration } from '../duration.js';
import { milliseconds } from '../duration.js';
import type { Name } from '../names.js';
import type { Hooks } from './hooks.js';
import type { Isolation } from './isolation/places.js';
import type { Recycling } from './isolation/pool.js';
import type { Logger } from './logger.js';

export interface WorkerOptions {
  /** So many handlers run at a time; 10 where it is absent. */
  readonly concurrency?: number;
  /**
   * At most so many units are claimed beyond those that are worked on, and given back at the end; 100 where it is absent. It holds no
   * more of them than it begins within a tenth of a second at the pace of late, so that long work is never hoarded.
   */
  readonly prefetch?: number;
  /** How long units are nobody else's without a sign of this worker; 2 minutes where it is absent. Renewed at a third of it. */
  readonly lease?: Duration;
  /** How long what runs may go on when the worker is to stop; 30 s where it is absent. */
  readonly grace?: Duration;
  /** How long handlers may take that say nothing of it themselves; as long as they like where it is absent. */
  readonly timeout?: Duration;
  /** Of its own: no two workers of a namespace may be called the same at a time. Made up where it is absent. */
  readonly name?: Name;
  /** Only of work specs of these runtimes. */
  readonly runtimes?: readonly string[];
  /** Memory that there is, in GB: only of work specs that say they need no more. */
  readonly availableGb?: number;
  /** How long to wait for work in one request; 25 s where it is absent, since there are proxies that cut at 30 or 60. */
  readonly wait?: Duration;
  /** How often it says that it is alive, and what it holds; 15 s where it is absent. */
  readonly heartbeat?: Duration;
  /**
   * Whether it holds a connection by which it hears at once that a unit of it is cancelled; else it hears so within a third of the lease.
   * false where it is absent.
   */
  readonly listen?: boolean;
  /** Whether SIGTERM and SIGINT stop it, and a second one ends the process; true where it is absent. */
  readonly signals?: boolean;
  /** Gets a line for each attempt, and when the daemon is away; nothing is written where it is absent. */
  readonly log?: Logger;
  /**
   * Where handlers run, which then are given by the URL of a module that has them as its default: `process` or `thread`, one for each
   * that runs at a time, for what keeps a processor busy. One that is killed or runs out of memory fails its own unit alone. false where
   * it is absent: in the thread of the worker.
   */
  readonly isolate?: Isolation | false;
  /** When a child is replaced by a fresh one; never where it is absent. */
  readonly recycle?: Recycling;
  /** Hear what becomes of units. */
  readonly hooks?: Hooks;
}

/** The same, complete, and durations in milliseconds. */
export interface WorkerSettings {
  readonly concurrency: number;
  readonly prefetch: number;
  readonly lease: number;
  readonly grace: number;
  readonly timeout: number | undefined;
  readonly wait: number;
  readonly heartbeat: number;
}

/** @throws RangeError */
export function settingsOf(options: WorkerOptions): WorkerSettings {
  const {
    concurrency = 10,
    prefetch = 100,
    lease = '2m',
    grace = '30s',
    timeout,
    wait = '25s',
    heartbeat = '15s',
  } = options;
  return {
    concurrency: atLeast('concurrency', Math.floor(concurrency), 1),
    prefetch: atLeast('prefetch', Math.floor(prefetch), 0),
    lease: atLeast('lease', milliseconds(lease), 100),
    grace: atLeast('grace', milliseconds(grace), 0),
    timeout: timeout === undefined ? undefined : atLeast('timeout', milliseconds(timeout), 1),
    wait: atLeast('wait', milliseconds(wait), 1),
    heartbeat: atLeast('heartbeat', milliseconds(heartbeat), 100),
  };
}

function atLeast(name: string, value: number, least: number): number {
  if (!(value >= least)) throw new RangeError(`${name}: ${value} is less than ${least}`);
  return value;
}
