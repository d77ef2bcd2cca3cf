/** A process or a thread in which handlers run, one unit at a time. Their module is its argument. */
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { DataObject } from '../../data/forms.js';
import type { HandlerContext, Handlers } from '../handler.js';
import { HandlerTable } from '../handler.js';
import type { Logger } from '../logger.js';
import type { FromChild, SentError, ToChild } from './messages.js';
import { receivedData, receivedError, sentData, sentError } from './messages.js';

const port = parentPort;

function say(message: FromChild): void {
  if (port) port.postMessage(message);
  else process.send?.(message);
}

function memory(): number {
  return port ? process.memoryUsage().heapUsed : process.memoryUsage.rss();
}

function logAt(log: 'debug' | 'info' | 'warn' | 'error'): Logger['info'] {
  return (fields, message) => {
    try {
      say({ log, fields, message });
    } catch {
      // There are things that cannot be sent.
      say({ log, fields: { fields: inspect(fields) }, message });
    }
  };
}

const log: Logger = { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') };
/** Who waits to hear that the unit is still its own. */
const renewing = new Map<number, (error: SentError | undefined) => void>();
let renewals = 0;
let controller = new AbortController();

const renew: HandlerContext['renew'] = async ({ data } = {}) => {
  const number = ++renewals;
  say({ renew: number, data: data === undefined ? undefined : sentData(data) });
  const error = await new Promise<SentError | undefined>((resolve) => renewing.set(number, resolve));
  if (error) throw receivedError(error);
};

async function begin(module: string): Promise<HandlerTable | undefined> {
  try {
    const { default: handlers } = (await import(module)) as { default: Handlers };
    const table = new HandlerTable(handlers, []);
    say({
      ready: Object.entries(handlers).map(([spec, given]) => ({
        spec,
        timeout: 'timeout' in given ? given.timeout : undefined,
      })),
    });
    return table;
  } catch (error) {
    say({ unready: sentError(error) });
    return undefined;
  }
}

async function work(table: HandlerTable, { spec, name, data }: Extract<ToChild, { spec: string }>): Promise<void> {
  controller = new AbortController();
  try {
    const unit = { spec, name, data: receivedData(data) as DataObject };
    const returned = await table.of(spec)!.handle(unit, { signal: controller.signal, renew, log });
    const isData = typeof returned === 'object' && returned !== null && !Array.isArray(returned);
    say({ returned: isData ? sentData(returned) : undefined, memory: memory() });
  } catch (error) {
    say({ thrown: sentError(error), memory: memory() });
  }
}

const table = begin(port ? (workerData as { module: string }).module : process.argv[2]);

function hear(message: ToChild): void {
  if ('abort' in message) controller.abort(receivedError(message.abort));
  else if ('renewed' in message) {
    renewing.get(message.renewed)?.(message.error);
    renewing.delete(message.renewed);
  } else void table.then((handlers) => handlers && work(handlers, message));
}

if (port) port.on('message', hear);
else {
  process.on('message', hear);
  // What a terminal sends goes to all of its processes; the worker says when to end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit());
}
