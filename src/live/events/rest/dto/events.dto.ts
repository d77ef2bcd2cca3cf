import type { AttemptRecord } from '../../../../domain/attempt.js';
import { shownStatus } from '../../../../domain/attempt.js';
import type { Failure } from '../../../../domain/overview.js';
import type { ByteName } from '../../../../domain/names.js';
import type { Micros } from '../../../../domain/time.js';
import type { Home } from '../../../../rest/links.js';
import { attemptUrl, workerUrl, workSpecUrl, workUnitUrl } from '../../../../rest/links.js';
import { readable } from '../../../../rest/names.js';
import { plainJson } from '../../../../rest/schema/representation.js';
import { formatTime } from '../../../../rest/time.js';
import type { LiveEvent } from '../event-frames.js';

// What events say. Names of units and workers are as in REST: what is not UTF-8 shows U+FFFD, the links are exact.

/** How work specs stand, each as in the overview. @param isComplete - whether they are all there are */
export function overviewEvent(
  now: Micros,
  specs: readonly string[],
  gone: readonly string[],
  isComplete: boolean,
): LiveEvent {
  const complete = isComplete ? ',"complete":true' : '';
  const left = gone.length === 0 ? '' : `,"gone":${JSON.stringify(gone)}`;
  return {
    type: 'overview',
    data: `{"time":${plainJson(formatTime(now))}${complete},"work_specs":[${specs.join(',')}]${left}}`,
  };
}

export function specEvent(home: Home, name: string, change: 'made' | 'changed' | 'deleted'): LiveEvent {
  const url = plainJson(workSpecUrl(home, name));
  return { type: 'spec', data: `{"url":${url},"name":${JSON.stringify(name)},"change":"${change}"}` };
}

/** A work spec has come to rest. */
export function drainedEvent(home: Home, name: string, now: Micros): LiveEvent {
  const members = [
    `"time":${plainJson(formatTime(now))}`,
    `"url":${plainJson(workSpecUrl(home, name))}`,
    `"name":${JSON.stringify(name)}`,
  ];
  return { type: 'drained', data: `{${members.join(',')}}` };
}

export function workerEvent(home: Home, name: ByteName, active: boolean): LiveEvent {
  const url = plainJson(workerUrl(home, name));
  return { type: 'worker', data: `{"url":${url},"name":${JSON.stringify(readable(name))},"active":${active}}` };
}

export function failureEvent(home: Home, { workSpec, workUnit, worker, at, failure, cause }: Failure): LiveEvent {
  const specUrl = workSpecUrl(home, workSpec);
  const members = [
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
  return { type: 'failure', data: `{${members.join(',')}}` };
}

/** An attempt of the worker that listens has been stopped. */
export function cancelledEvent(home: Home, attempt: AttemptRecord): LiveEvent {
  const { workSpec, workUnit, end, status } = attempt;
  const unitUrl = workUnitUrl(workSpecUrl(home, workSpec), workUnit);
  const members = [
    `"time":${plainJson(formatTime(end))}`,
    `"url":${plainJson(attemptUrl(unitUrl, attempt))}`,
    `"work_spec":${JSON.stringify(workSpec)}`,
    `"work_unit":${JSON.stringify(readable(workUnit))}`,
    `"work_unit_url":${plainJson(unitUrl)}`,
    `"status":"${shownStatus(status)}"`,
  ];
  return { type: 'cancelled', data: `{${members.join(',')}}` };
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
