import { queryOptions } from '@tanstack/react-query';
import { api } from './connection.js';
import { askedWho, queryClient, SESSION_KEY } from './query-client.js';
import type { Right } from './viewer.js';

/** Who one is for the daemon, and how one signs in there. */
export interface Session {
  readonly known: boolean;
  readonly caller?: string;
  /** What people call them. */
  readonly shown_as?: string;
  /** By names of namespaces, with `*` at the end for all that begin so. */
  readonly rights: Readonly<Record<string, readonly Right[]>>;
  readonly ends_at?: string;
  /** Where people sign in elsewhere, if they do. */
  readonly sign_in_url?: string;
}

const PATH = '/session';

/** @param everyMs - how often it is asked again, in milliseconds */
export const sessionQuery = (everyMs?: number) =>
  queryOptions({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }) => (await api().request<Session>({ method: 'GET', path: PATH }, { signal })).value,
    staleTime: 60_000,
    ...(everyMs !== undefined && { refetchInterval: everyMs, refetchIntervalInBackground: true, staleTime: 0 }),
  });

/** Begins a session by a token, which is kept nowhere here: from then on the browser sends a cookie that no script sees. */
export async function signIn(text: string): Promise<void> {
  await api().request({ method: 'POST', path: PATH, body: { token: text } });
  await goOn();
}

/** Somebody has signed in: what is shown is asked for again, as what they may see. */
export async function goOn(): Promise<void> {
  askedWho.set('no');
  await queryClient.invalidateQueries();
}

/** Ends the session for good. @throws what keeps it from that: then one is signed in still */
export async function signOut(): Promise<void> {
  await api().request({ method: 'DELETE', path: PATH });
  queryClient.clear();
  askedWho.set('out');
}

/** Where to sign in elsewhere, to come back to this view. */
export function signInAddress(url: string): string {
  const { pathname, search, hash } = location;
  return `${url}?return_to=${encodeURIComponent(pathname + search + hash)}`;
}
