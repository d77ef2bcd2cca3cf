import type { Awaitable } from '../../domain/awaitable.js';

/**
 * Something that happened to work, as `GET …/events` tells it: times as RFC 3339 has them, links from the root of REST. What is not UTF-8
 * of a name shows U+FFFD, links are exact.
 */
export type WorkEvent = {
  /** Where it happened. */
  readonly namespace: string;
} & (DrainedEvent | FailingEvent | FailureEvent | SpecEvent | WorkerEvent);

/** A work spec has come to rest: nothing of it is left to do. */
export interface DrainedEvent {
  readonly type: 'drained';
  readonly time: string;
  readonly url: string;
  readonly name: string;
}

/** A work spec has begun to fail: of what ended in the last five minutes, more than a tenth failed. */
export interface FailingEvent {
  readonly type: 'failing';
  readonly time: string;
  readonly url: string;
  readonly name: string;
  /** Attempts of the last five minutes that failed. */
  readonly failed: number;
  /** Those that failed, and those that finished. */
  readonly ended: number;
}

/** A work unit has failed. */
export interface FailureEvent {
  readonly type: 'failure';
  readonly time: string;
  readonly work_spec: string;
  readonly work_spec_url: string;
  readonly work_unit: string;
  readonly work_unit_url: string;
  readonly worker: string;
  readonly worker_url: string;
  /** The id of its cause. */
  readonly failure: string;
  readonly cause: string;
}

export interface SpecEvent {
  readonly type: 'spec';
  readonly url: string;
  readonly name: string;
  readonly change: 'made' | 'changed' | 'deleted';
}

/** A worker has come, or is no longer active. */
export interface WorkerEvent {
  readonly type: 'worker';
  readonly url: string;
  readonly name: string;
  readonly active: boolean;
}

/**
 * Hears what happens to work. A plug-in names its classes in `observers`; its module provides them. They hear of one event at a time, the
 * next one when they are done with it, or have taken too long.
 */
export abstract class EventObserver {
  /**
   * What it throws is logged. It may take up to five minutes; the next event comes then all the same, beside what it has not ended.
   * @param signal - is aborted then, and when the daemon ends: it is to be handed on to whatever is waited for
   */
  abstract observe(event: WorkEvent, signal: AbortSignal): Awaitable<void>;
}
