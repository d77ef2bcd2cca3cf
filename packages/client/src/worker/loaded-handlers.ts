import type { Handlers, Middleware } from './handler.js';
import { HandlerTable } from './handler.js';
import { Pool } from './isolation/pool.js';
import type { WorkerOptions } from './options.js';
import { tracing } from './tracing.js';

export interface LoadedHandlers {
  readonly table: HandlerTable;
  /** Where they run, if that is not here; it sees to their timeouts. */
  readonly pool?: Pool;
}

/** The handlers of a worker, wherever they run. @throws RangeError, or what keeps their module from being loaded */
export async function loadedHandlers(
  given: Handlers | URL,
  used: readonly Middleware[],
  { isolate, recycle = {}, timeout }: WorkerOptions,
): Promise<LoadedHandlers> {
  const spans = await tracing();
  const middleware = spans ? [spans, ...used] : used;
  if (!(given instanceof URL)) return { table: new HandlerTable(given, middleware) };
  if (!isolate) {
    const { default: handlers } = (await import(given.href)) as { readonly default: Handlers };
    return { table: new HandlerTable(handlers, middleware) };
  }
  const pool = new Pool(isolate, given.href, recycle, timeout);
  try {
    return { table: new HandlerTable(await pool.handlers(), middleware), pool };
  } catch (error) {
    pool.end();
    throw error;
  }
}
