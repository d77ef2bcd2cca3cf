import type { components } from '../generated/bodies.js';
import type { Name } from '../names.js';
import { shownName } from '../names.js';
import { withoutPrefix } from './attempt.js';
import { Backoff, pause } from '../waiting.js';
import type { WorkSpecOverview } from './overview.js';
import { specOverview } from './overview.js';
import { isPassing, type RestClient } from './rest-client.js';

type Bodies = components['schemas'];

/** What happens in a namespace. */
export type CoordinateEvent =
  | {
      readonly type: 'overview';
      readonly time: Date;
      /** Whether these are all work specs there are; else those of which something has changed. */
      readonly complete: boolean;
      readonly specs: readonly WorkSpecOverview[];
      /** Names of those that are no longer there. */
      readonly gone: readonly string[];
    }
  | { readonly type: 'spec'; readonly name: string; readonly change: 'made' | 'changed' | 'deleted' }
  /** No unit of a work spec is left that is available, delayed or pending. */
  | { readonly type: 'drained'; readonly time: Date; readonly name: string }
  | { readonly type: 'worker'; readonly name: Name; readonly active: boolean }
  | {
      readonly type: 'failure';
      readonly time: Date;
      readonly spec: string;
      readonly unit: Name;
      readonly worker: Name;
      /** The id of its cause, as `failures` and queries have it, and its text; absent from a daemon that does not say. */
      readonly failure?: string;
      readonly cause?: string;
    };

/** The daemon says something at least every 15 seconds: one that says nothing for so long is gone. */
const SILENCE_MS = 45_000;

/**
 * What happens, as it happens, until nobody takes it any more or the signal aborts. Where the connection breaks it goes on with what was missed, if that is
 * still known, else with how everything stands.
 */
export function listen(
  client: RestClient,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<CoordinateEvent, void, undefined> {
  return listenTo(client, path, eventOf, signal);
}

/** What becomes of a worker's attempts by somebody else's doing. */
export interface WorkerEvent {
  readonly type: 'cancelled';
  readonly time: Date;
  /** The address of the attempt. */
  readonly attempt: string;
  readonly spec: string;
  readonly unit: Name;
  /** `failed`, or `retryable` where the unit was given back. */
  readonly status: 'failed' | 'retryable';
}

/** As listen, of a worker: who begins to listen is told of what was stopped in the last quarter of an hour. */
export function listenAsWorker(
  client: RestClient,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<WorkerEvent, void, undefined> {
  return listenTo(client, path, workerEventOf, signal);
}

function workerEventOf(type: string, text: string): WorkerEvent | undefined {
  if (type !== 'cancelled') return undefined;
  const json = JSON.parse(text) as Record<'time' | 'url' | 'work_spec' | 'work_unit' | 'work_unit_url', string> & {
    status: 'failed' | 'retryable';
  };
  return {
    type,
    time: new Date(json.time),
    attempt: withoutPrefix(json.url),
    spec: json.work_spec,
    unit: shownName(json.work_unit, json.work_unit_url),
    status: json.status,
  };
}

/** Reads events of one kind, over as many connections as it takes. */
export async function* listenTo<E>(
  client: RestClient,
  path: string,
  read: (type: string, text: string) => E | undefined,
  signal?: AbortSignal,
): AsyncGenerator<E, void, undefined> {
  let lastId: string | undefined;
  let backoff = new Backoff(250, 10_000);
  for (;;) {
    try {
      for await (const { type, id, data } of messages(client, path, lastId, signal)) {
        lastId = id ?? lastId;
        backoff = new Backoff(250, 10_000);
        const event = read(type, data);
        if (event) yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error as Error) && (error as Error).name !== 'TimeoutError') throw error;
    }
    await pause(backoff.next(), signal ?? new AbortController().signal);
    signal?.throwIfAborted();
  }
}

interface Message {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** The messages of one connection. */
async function* messages(
  client: RestClient,
  path: string,
  lastId: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Message> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (lastId !== undefined) headers['last-event-id'] = lastId;
  let rest = '';
  for await (const chunk of client.stream(path, headers, SILENCE_MS, signal)) {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop()!;
    for (const part of parts) {
      const fields = new Map(
        part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const data = fields.get('data');
      if (data !== undefined) yield { type: fields.get('event') ?? 'message', id: fields.get('id'), data };
    }
  }
}

function eventOf(type: string, text: string): CoordinateEvent | undefined {
  switch (type) {
    case 'overview': {
      const {
        time,
        complete = false,
        work_specs,
        gone = [],
      } = JSON.parse(text) as Bodies['NamespaceOverview'] & { complete?: boolean; gone?: string[] };
      return { type, time: new Date(time), complete, specs: work_specs.map(specOverview), gone };
    }
    case 'spec': {
      const { name, change } = JSON.parse(text) as { name: string; change: 'made' | 'changed' | 'deleted' };
      return { type, name, change };
    }
    case 'drained': {
      const { time, name } = JSON.parse(text) as { time: string; name: string };
      return { type, time: new Date(time), name };
    }
    case 'worker': {
      const { name, url, active } = JSON.parse(text) as { name: string; url: string; active: boolean };
      return { type, name: shownName(name, url), active };
    }
    case 'failure': {
      const json = JSON.parse(text) as Record<
        'time' | 'work_spec' | 'work_unit' | 'work_unit_url' | 'worker' | 'worker_url',
        string
      > & { readonly failure?: string; readonly cause?: string };
      const unit = shownName(json.work_unit, json.work_unit_url);
      return {
        type,
        time: new Date(json.time),
        spec: json.work_spec,
        unit,
        worker: shownName(json.worker, json.worker_url),
        failure: json.failure,
        cause: json.cause,
      };
    }
    default:
      // Of a newer daemon.
      return undefined;
  }
}
