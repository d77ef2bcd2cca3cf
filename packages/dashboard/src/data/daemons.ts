import { useQuery } from '@tanstack/react-query';
import type { ListedDaemon } from 'coordinate-client';
import { api } from './connection.js';

/** How often it is asked which daemons there are, in milliseconds. */
const EVERY_MS = 10_000;
/** Each gives a sign of life every 15 seconds: one that has missed three of them is gone, in milliseconds. */
const GONE_MS = 50_000;

export interface Daemon extends ListedDaemon {
  /** Whether it has given no sign of life for too long; undefined: its version gives none. */
  readonly isGone: boolean | undefined;
}

/** The daemons that work on the storage of the one that serves the page. */
export function useDaemons() {
  return useQuery({
    queryKey: ['daemons'],
    queryFn: async ({ signal }) => judged(await api().daemons({ signal })),
    refetchInterval: EVERY_MS,
  });
}

/** The latest sign of life is of now, by the storage's clock, which may not be that of whoever looks. */
function judged(daemons: readonly ListedDaemon[]): Daemon[] {
  const now = Math.max(...daemons.map(({ lastSign }) => lastSign?.getTime() ?? 0));
  return daemons.map((daemon) => ({
    ...daemon,
    isGone: daemon.lastSign && now - daemon.lastSign.getTime() > GONE_MS,
  }));
}
