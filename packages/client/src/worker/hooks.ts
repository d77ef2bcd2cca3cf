import type { Logger } from './logger.js';
import type { UnitOfWork } from './handler.js';

/** What became of an attempt; of what is `lost` nothing is reported. */
export type Ending = 'finished' | 'failed' | 'retryable' | 'expired' | 'lost';

export interface Hooks {
  /** A handler is about to be called. */
  readonly started?: (unit: UnitOfWork) => void;
  /** What became of it, which is about to be reported. */
  readonly ended?: (unit: UnitOfWork, ending: Ending, details: EndingDetails) => void;
}

export interface EndingDetails {
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** What was thrown, or why nothing is reported. */
  readonly error?: unknown;
}

/** Calls a hook, whose mistakes are nobody else's. */
export function tell<A extends unknown[]>(log: Logger, hook: ((...args: A) => void) | undefined, ...args: A): void {
  if (!hook) return;
  try {
    hook(...args);
  } catch (error) {
    log.error({ err: error }, 'a hook failed');
  }
}
