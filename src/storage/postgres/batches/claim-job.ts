import type { ClaimRequest } from '../../../domain/attempt.js';
import type { Scheduler } from '../../../domain/scheduler/scheduler.js';
import type { Tidings } from '../telling/tidings.js';
import type { Places } from '../units/places.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import type { ClaimHints } from './claim-hints.js';
import type { Job } from './job.js';
import type { KnownNamespaces } from './known-state.js';

/** A claim to carry out. */
export interface ClaimWork {
  readonly namespace: string;
  readonly request: ClaimRequest;
  /** Whether it found what it would have been given held by other transactions, and now waits for those. */
  patient?: boolean;
  /** Whether it has waited for them in vain, and now takes what others do not hold. */
  hasWaited?: boolean;
}

/** A claim that has waited for a lock in vain passes over what is locked. */
export function passOver(work: ClaimWork): void {
  work.patient = false;
  work.hasWaited = true;
}

export type ClaimJob = Job<ClaimWork>;

/** What claims are carried out with. */
export interface ClaimTools {
  readonly directory: SpecDirectory;
  readonly scheduler: Scheduler;
  readonly hints: ClaimHints;
  readonly known: KnownNamespaces;
  readonly tidings: Tidings;
  readonly places: Places;
}
