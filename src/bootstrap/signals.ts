import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
export type ShutdownSignal = (typeof SIGNALS)[number];

/** Calls `shutDown` at the first SIGTERM or SIGINT; a second one ends the process at once, with the status of that signal. */
export function onShutdownSignal(shutDown: (signal: ShutdownSignal) => void): void {
  let stopping = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + constants.signals[signal]);
      stopping = true;
      shutDown(signal);
    });
  }
}
