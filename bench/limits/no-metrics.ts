import { dirname, join } from 'node:path';

/**
 * Loaded before the daemon (`node --import`), takes all counting and timing out of what requests go through, so that its
 * cost can be measured. The daemon has no such switch: nobody needs one. With `?keep` behind its address it takes nothing out,
 * but has loaded the same in the same order: that alone makes 3%.
 */
const keep = new URL(import.meta.url).searchParams.has('keep');
const daemon = dirname(process.argv[1]);

interface Class<T> {
  readonly prototype: T;
}

interface Request {
  method?: { invoke(params: unknown): unknown };
}

interface Dispatcher {
  call: (this: Dispatcher, request: Request | undefined) => unknown;
  paramsOf(request: Request): unknown;
}

const { Dispatcher } = (await import(join(daemon, 'cbor-rpc', 'dispatcher.js'))) as { Dispatcher: Class<Dispatcher> };

interface Telemetry {
  workOf(): { claimed(): void; ended(): void };
  watch(name: string, repository: object): object;
}

const { Telemetry } = (await import(join(daemon, 'observability', 'telemetry.js'))) as { Telemetry: Class<Telemetry> };

if (!keep) {
  const { call } = Dispatcher.prototype;
  Dispatcher.prototype.call = function (request) {
    return request?.method ? request.method.invoke(this.paramsOf(request)) : call.call(this, request);
  };
  Telemetry.prototype.workOf = () => ({ claimed: () => undefined, ended: () => undefined });
  Telemetry.prototype.watch = (_, repository) => repository;
}
