import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './connection.js';
import { noteLoss, queryClient } from './query-client.js';

export type Right = 'read' | 'submit' | 'work' | 'define' | 'admin' | 'operate';

/** Who looks at the page, and what the daemon lets them do. */
export interface Viewer {
  /** Absent: the daemon does not know them. */
  readonly name?: string;
  readonly asksWho: boolean;
  readonly readOnly: boolean;
  readonly everywhere: readonly Right[];
  /** In the namespace that was asked for. */
  readonly rights?: readonly Right[];
  readonly daemon?: {
    readonly version: string;
    readonly backend: string;
    readonly started: string;
    readonly warnings: readonly string[];
  };
}

export const viewerQuery = (namespace?: string) =>
  queryOptions({
    queryKey: ['viewer', namespace],
    queryFn: async ({ signal }) => {
      const query = namespace === undefined ? [] : [`namespace=${encodeURIComponent(namespace)}`];
      const { value } = await api().request<Viewer>({ method: 'GET', path: '/ui/viewer', query }, { signal });
      const before = queryClient.getQueryData<Viewer>(['viewer', namespace]);
      if (value.name !== undefined || before?.name === undefined) return value;
      // Their session has ended: what they were offered stays, with all that they have begun to type, until they sign in again.
      noteLoss();
      return before;
    },
    staleTime: 60_000,
  });

export function useViewer(namespace?: string): Viewer | undefined {
  return useQuery(viewerQuery(namespace)).data;
}

/** Whether something may be offered; the daemon refuses what may not be done, offered or not. */
export function useMay(namespace: string): (right: Right) => boolean {
  const rights = useViewer(namespace)?.rights;
  return (right) => rights?.includes(right) ?? false;
}
