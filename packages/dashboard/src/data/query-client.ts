import { CoordinateError, UnknownCallerError } from 'coordinate-client';
import { QueryCache, QueryClient } from '@tanstack/react-query';
import { Store } from '../store.js';
import { away } from './connection.js';

/**
 * Whether the daemon has asked who this is: not so far; because a session has come to an end while the page was in use, which goes on
 * where it was; or because somebody has signed out, of whom nothing is to be seen any more.
 */
export const askedWho = new Store<'no' | 'lost' | 'out'>('no');

/** What has been told of the session of whoever looks at the page. */
export const SESSION_KEY = ['session'] as const;

/** The session has come to an end. What was told of it before it did, or is on its way from then, does not say that it goes on. */
export function noteLoss(): void {
  if (askedWho.get() !== 'no') return;
  void queryClient.cancelQueries({ queryKey: SESSION_KEY });
  queryClient.setQueryData<{ readonly known: boolean }>(SESSION_KEY, (told) => told && { ...told, known: false });
  askedWho.set('lost');
}

/** Looks at an error of any request. */
export function noteError(error: unknown): void {
  if (error instanceof UnknownCallerError) noteLoss();
}

/** How often what did not get through is tried again, in milliseconds. */
const AGAIN_MS = 3_000;

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noteError }),
  defaultOptions: {
    queries: {
      // A refusal is one the second time as well; what did not get through is tried until it does.
      retry: (_, error) => !(error instanceof CoordinateError) && !(error instanceof RangeError),
      retryDelay: AGAIN_MS,
      networkMode: 'always',
      staleTime: 5_000,
    },
    mutations: { networkMode: 'always', retry: false, onError: noteError },
  },
});

// What was missed while the daemon was away.
let wasAway = false;
away.subscribe(() => {
  const isAway = away.get() !== undefined;
  if (wasAway && !isAway) void queryClient.invalidateQueries();
  wasAway = isAway;
});
