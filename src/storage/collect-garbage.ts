import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Has V8 collect now, in the next turn of the event loop. For memory that it does not count, and so sees no reason to
 * look for; it takes as long as any full collection, tens of milliseconds for a heap of 100 MB.
 */
export function collectGarbage(): void {
  if (!collect) {
    // There is no other way to ask for it in a process that was not started for it. The flag matters to new contexts only.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  setImmediate(collect);
}
