import type { CoordinateEvent } from 'coordinate-client';
import { useEffect } from 'react';
import { api } from './connection.js';
import type { NamespaceOverview } from './overview.js';
import { changed, overviewKey } from './overview.js';
import { useStore } from '../store.js';
import { askedWho, noteError, queryClient } from './query-client.js';

/** What is only told that it has changed is asked for so often at most, in milliseconds. */
const PACE_MS = 2_000;

/** Listens to what happens in a namespace for as long as something of it is shown, and keeps what is known of it up to date. */
export function useEvents(namespace: string): void {
  const isKnown = useStore(askedWho) === 'no';
  useEffect(() => {
    if (!isKnown) return;
    const ending = new AbortController();
    const stale = new Stale();
    void listen(namespace, stale, ending.signal);
    return () => {
      ending.abort();
      stale.end();
    };
  }, [namespace, isKnown]);
}

async function listen(namespace: string, stale: Stale, signal: AbortSignal): Promise<void> {
  try {
    for await (const event of api(namespace).events({ signal })) take(namespace, event, stale);
  } catch (error) {
    if (!signal.aborted) noteError(error);
  }
}

function take(namespace: string, event: CoordinateEvent, stale: Stale): void {
  switch (event.type) {
    case 'overview':
      queryClient.setQueryData<NamespaceOverview>(overviewKey(namespace), (before) => changed(before, event));
      return;
    case 'spec':
      stale.add(['spec', namespace, event.name]);
      return;
    case 'worker':
      stale.add(['workers', namespace]);
      return;
    case 'failure':
      stale.add(['failures', namespace, event.spec]);
      return;
  }
}

/** Keys of what has changed, of which those that are shown are asked for again in a while, however often they change until then. */
class Stale {
  private readonly keys = new Map<string, readonly string[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  add(key: readonly string[]): void {
    this.keys.set(JSON.stringify(key), key);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const queryKey of this.keys.values()) void queryClient.invalidateQueries({ queryKey });
      this.keys.clear();
    }, PACE_MS);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
