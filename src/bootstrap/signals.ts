import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
export interface SignalHandlers {
  first(signal: ShutdownSignal): void;
  second(): void;
}

type ShutdownSignal = (typeof SIGNALS)[number];

/**
 * Calls `first` at the first SIGTERM or SIGINT; a second one ends the process at once, with the status of that signal,
 * after a call of `second`.
 */
export function onShutdownSignal({ first, second }: Readonly<SignalHandlers>): void {
  let stopping = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stopping) {
        second();
        process.exit(128 + constants.signals[signal]);
      }
      stopping = true;
      first(signal);
    });
  }
}
