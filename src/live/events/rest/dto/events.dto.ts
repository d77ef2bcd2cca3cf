import type { AttemptRecord } from '../../../../domain/attempt.js';
import { shownStatus } from '../../../../domain/attempt.js';
import type { Failure } from '../../../../domain/overview.js';
import type { ByteName } from '../../../../domain/names.js';
import type { Micros } from '../../../../domain/time.js';
import type { Home } from '../../../../rest/links.js';
import { attemptUrl, workerUrl, workSpecUrl, workUnitUrl } from '../../../../rest/links.js';
import { readable } from '../../../../rest/names.js';
import { listPieces, plainJson } from '../../../../rest/schema/representation.js';
import { formatTime } from '../../../../rest/time.js';
import type { SpecOverviewView } from '../../../overview/rest/dto/overview.dto.js';
import { LISTED_OVERVIEW } from '../../../overview/rest/dto/overview.dto.js';
import type { LiveEvent } from '../event-frames.js';

// What events say. Names of units and workers are as in REST: what is not UTF-8 shows U+FFFD, the links are exact.

/** How work specs stand, each as in the overview. @param isComplete - whether they are all there are */
export function overviewEvent(
  now: Micros,
  specs: Iterable<SpecOverviewView>,
  gone: readonly string[],
  isComplete: boolean,
): LiveEvent {
  return {
    type: 'overview',
    *data() {
      yield `{"time":${plainJson(formatTime(now))}${isComplete ? ',"complete":true' : ''},"work_specs":`;
      yield* listPieces(specs, LISTED_OVERVIEW);
      if (gone.length > 0) {
        yield ',"gone":';
        yield* listPieces(gone, NAMES);
      }
      yield '}';
    },
  };
}

/** Names are short, so that none is made in pieces. */
const NAMES = { json: (name: string) => JSON.stringify(name), weight: () => 0, pieces: () => [] };

export function specEvent(home: Home, name: string, change: 'made' | 'changed' | 'deleted'): LiveEvent {
  return event('spec', () => [
    `"url":${plainJson(workSpecUrl(home, name))}`,
    `"name":${JSON.stringify(name)}`,
    `"change":"${change}"`,
  ]);
}

/** A work spec has come to rest. */
export function drainedEvent(home: Home, name: string, now: Micros): LiveEvent {
  return event('drained', () => [
    `"time":${plainJson(formatTime(now))}`,
    `"url":${plainJson(workSpecUrl(home, name))}`,
    `"name":${JSON.stringify(name)}`,
  ]);
}

export function workerEvent(home: Home, name: ByteName, active: boolean): LiveEvent {
  return event('worker', () => [
    `"url":${plainJson(workerUrl(home, name))}`,
    `"name":${JSON.stringify(readable(name))}`,
    `"active":${active}`,
  ]);
}

export function failureEvent(home: Home, { workSpec, workUnit, worker, at, failure, cause }: Failure): LiveEvent {
  return event('failure', () => {
    const specUrl = workSpecUrl(home, workSpec);
    return [
      `"time":${plainJson(formatTime(at))}`,
      `"work_spec":${JSON.stringify(workSpec)}`,
      `"work_spec_url":${plainJson(specUrl)}`,
      `"work_unit":${JSON.stringify(readable(workUnit))}`,
      `"work_unit_url":${plainJson(workUnitUrl(specUrl, workUnit))}`,
      `"worker":${JSON.stringify(readable(worker))}`,
      `"worker_url":${plainJson(workerUrl(home, worker))}`,
      `"failure":${plainJson(failure)}`,
      `"cause":${JSON.stringify(cause)}`,
    ];
  });
}

/** An attempt of the worker that listens has been stopped. */
export function cancelledEvent(home: Home, attempt: AttemptRecord): LiveEvent {
  const { workSpec, workUnit, end, status } = attempt;
  return event('cancelled', () => {
    const unitUrl = workUnitUrl(workSpecUrl(home, workSpec), workUnit);
    return [
      `"time":${plainJson(formatTime(end))}`,
      `"url":${plainJson(attemptUrl(unitUrl, attempt))}`,
      `"work_spec":${JSON.stringify(workSpec)}`,
      `"work_unit":${JSON.stringify(readable(workUnit))}`,
      `"work_unit_url":${plainJson(unitUrl)}`,
      `"status":"${shownStatus(status)}"`,
    ];
  });
}

/** There may be very many: what one says is put together when it is said. */
function event(type: LiveEvent['type'], members: () => readonly string[]): LiveEvent {
  return { type, data: () => [`{${members().join(',')}}`] };
}

export const WORKER_EVENTS_EXAMPLE = [
  'event: cancelled',
  'id: 1',
  'data: {"time":"2026-01-02T03:04:05.678901Z","url":"/namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1","work_spec":"crawl","work_unit":"u1","work_unit_url":"/namespace/default/work_spec/crawl/work_unit/u1","status":"failed"}',
  '',
  '',
].join('\n');

export const EVENTS_EXAMPLE = [
  'event: overview',
  'id: k3x9-1',
  'data: {"time":"2026-01-02T03:04:05.678901Z","complete":true,"work_specs":[]}',
  '',
  '',
].join('\n');
