import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Calls back at the first SIGTERM or SIGINT; a second one ends the process. @returns takes that back */
export function onStopSignal(stop: (signal: string) => void): () => void {
  let isStopping = false;
  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => {
      if (isStopping) process.exit(128 + constants.signals[signal]);
      isStopping = true;
      stop(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => listeners.forEach((off) => off());
}
