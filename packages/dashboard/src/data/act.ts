import { done, wentWrong } from '../components/toasts.js';
import { noteError, queryClient } from './query-client.js';

interface Act<T> {
  /** In words, for when it goes wrong: "Pausing resize". */
  readonly what: string;
  readonly run: () => Promise<T>;
  /** What has become of it. */
  readonly said: (result: T) => string;
  /** What of what is shown may have changed: keys of queries, or the beginnings of such. */
  readonly changes: readonly (readonly unknown[])[];
  /** The way back, where there is one. */
  readonly undo?: () => Promise<unknown>;
}

/** Does something, says what has become of it, offers the way back, and has what it changed be asked for again. @returns whether it was done */
export async function act<T>({ what, run, said, changes, undo }: Act<T>): Promise<boolean> {
  try {
    const result = await run();
    const back = undo && (() => void act({ what: 'Undoing that', run: undo, said: () => 'Undone', changes }));
    done(said(result), back);
    return true;
  } catch (error) {
    noteError(error);
    wentWrong(what, error);
    return false;
  } finally {
    for (const queryKey of changes) void queryClient.invalidateQueries({ queryKey });
  }
}
