import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker as Thread } from 'node:worker_threads';
import type { FromChild, ToChild } from './messages.js';

/** Where handlers can run apart from the worker. */
export type Isolation = 'process' | 'thread';

interface Listener {
  readonly hear: (message: FromChild) => void;
  /** It has ended, for whatever reason; called once. */
  readonly ended: (why: string) => void;
}

/** A process or a thread. */
export interface Place {
  send(message: ToChild): void;
  /** At once, whatever it does. */
  kill(): void;
}

const CHILD = new URL('./child.js', import.meta.url);

export function placeOf(kind: Isolation, module: string, listener: Listener): Place {
  return kind === 'process' ? processOf(module, listener) : threadOf(module, listener);
}

function processOf(module: string, { hear, ended }: Listener): Place {
  const child = fork(fileURLToPath(CHILD), [module], { serialization: 'advanced' });
  let isOver = false;
  const over = (why: string): void => {
    if (!isOver) ended(why);
    isOver = true;
  };
  child.on('message', hear);
  child.on('error', (error) => over(`the process could not be used: ${error.message}`));
  child.on('exit', (code, signal) => over(`the process ended by ${signal ?? `itself, with status ${code}`}`));
  return {
    // What is sent to one that has just ended is answered by its end.
    send: (message) => void child.send(message, () => undefined),
    kill: () => void child.kill('SIGKILL'),
  };
}

function threadOf(module: string, { hear, ended }: Listener): Place {
  const thread = new Thread(CHILD, { workerData: { module } });
  let why = 'the thread ended by itself';
  thread.on('message', hear);
  thread.on('error', (error: Error) => (why = `the thread ended: ${error.message}`));
  thread.on('exit', () => ended(why));
  return { send: (message) => thread.postMessage(message), kill: () => void thread.terminate() };
}
