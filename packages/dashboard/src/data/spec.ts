import type { FailureCause, WorkSpecControl, WorkSpecMeta } from 'coordinate-client';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { act } from './act.js';
import { api } from './connection.js';
import { overviewKey } from './overview.js';
import { count } from '../format/numbers.js';
import { shown } from '../names.js';

export type { FailureCause, WorkSpecControl, WorkSpecMeta };

/** What is done to very many units takes a while. */
const LONG = '30m';

export const definitionQuery = (namespace: string, spec: string) =>
  queryOptions({
    queryKey: ['spec', namespace, spec, 'definition'],
    queryFn: ({ signal }) => api(namespace).spec(spec).get({ signal }),
  });

export const metaQuery = (namespace: string, spec: string) =>
  queryOptions({
    queryKey: ['spec', namespace, spec, 'meta'],
    queryFn: ({ signal }) => api(namespace).spec(spec).meta({ signal }),
  });

export function useMeta(namespace: string, spec: string) {
  return useQuery(metaQuery(namespace, spec));
}

/** Why units of a spec are failed, by cause. Asked for again when one fails, and now and then for what is retried. */
export function useFailures(namespace: string, spec: string) {
  return useQuery({
    queryKey: ['failures', namespace, spec],
    queryFn: ({ signal }) => api(namespace).spec(spec).failures({ signal, limit: 100 }),
    refetchInterval: 10_000,
  });
}

const keysOf = (namespace: string, spec: string) => [
  ['spec', namespace, spec],
  ['failures', namespace, spec],
  overviewKey(namespace),
];

/** Changes control values; the way back sets those that were. */
export function changeMeta(
  namespace: string,
  spec: string,
  changes: WorkSpecControl,
  before: WorkSpecControl,
  said: string,
): Promise<boolean> {
  const handle = api(namespace).spec(spec);
  return act({
    what: `Changing ${shown(spec)}`,
    run: () => handle.changeMeta(changes),
    said: () => said,
    changes: keysOf(namespace, spec),
    undo: () => handle.changeMeta(before),
  });
}

export function setPaused(namespace: string, spec: string, paused: boolean): Promise<boolean> {
  return changeMeta(
    namespace,
    spec,
    { paused },
    { paused: !paused },
    `${shown(spec)} is ${paused ? 'paused' : 'running again'}`,
  );
}

export function deleteSpec(namespace: string, spec: string): Promise<boolean> {
  return act({
    what: `Deleting ${shown(spec)}`,
    run: () => api(namespace).spec(spec).delete({ timeout: LONG }),
    said: () => `${shown(spec)} and all its units are deleted`,
    changes: [overviewKey(namespace)],
  });
}

export function setDefinition(
  namespace: string,
  spec: string,
  definition: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  return act({
    what: `Setting ${shown(spec)}`,
    run: () => api(namespace).spec(spec).set(definition),
    said: (warnings) =>
      warnings.length === 0
        ? `${shown(spec)} has its new definition`
        : `${shown(spec)} has its new definition, but ${warnings.map(({ key, reason }) => `${key} ${reason}`).join('; ')}`,
    changes: keysOf(namespace, spec),
  });
}

/** @param failure the id of a cause; absent: all that have failed */
export function retryFailed(namespace: string, spec: string, failure?: string): Promise<boolean> {
  return act({
    what: `Retrying units of ${shown(spec)}`,
    run: () => api(namespace).spec(spec).retry({ failure, timeout: LONG }),
    said: (units) => `${count(units, 'unit')} of ${shown(spec)} will be tried again`,
    changes: keysOf(namespace, spec),
  });
}

export function deleteFailed(namespace: string, spec: string, failure: string): Promise<boolean> {
  return act({
    what: `Deleting units of ${shown(spec)}`,
    run: () => api(namespace).spec(spec).deleteUnits({ failure, timeout: LONG }),
    said: (units) => `${count(units, 'unit')} of ${shown(spec)} deleted`,
    changes: keysOf(namespace, spec),
  });
}
