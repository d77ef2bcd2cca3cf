import type { ConnectionOptions } from 'node:tls';
import { Coordinate } from './rest/coordinate.js';
import { NodeTransport } from './rest/node-transport.js';
import type { RestOptions } from './rest/rest-client.js';
import { RestClient } from './rest/rest-client.js';
import type { Transport } from './rest/transport.js';

export * from './common.js';
export { NodeTransport } from './rest/node-transport.js';
export { FetchTransport } from './rest/transport.js';
export { CborRpcClient } from './rpc/client.js';
export type { ResultsOf, RpcCall, RpcClientOptions } from './rpc/client.js';
export { RpcError } from './rpc/errors.js';
export { ProtocolError } from './rpc/frames.js';
export * from './rpc/methods.js';
export { Fail, StoppedError, Retry } from './worker/handler.js';
export type {
  Handler,
  HandlerContext,
  Handlers,
  HandlerWithOptions,
  Middleware,
  UnitOfWork,
} from './worker/handler.js';
export type { Ending, EndingDetails, Hooks } from './worker/hooks.js';
export type { Isolation } from './worker/isolation/places.js';
export type { Recycling } from './worker/isolation/pool.js';
export { ChildError } from './worker/isolation/pool.js';
export type { Logger } from './worker/logger.js';
export type { WorkerOptions } from './worker/options.js';
export { InvalidDataError } from './worker/schema.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './worker/schema.js';
export { traced } from './worker/tracing.js';
export { Worker } from './worker/worker.js';

export interface ConnectOptions extends RestOptions {
  /** The empty one where it is absent, in which CBOR-RPC works as well. */
  readonly namespace?: string;
  /** For https: what Node's `tls.connect` takes, a `ca` or a client's `cert` and `key`. */
  readonly tls?: ConnectionOptions;
  /** How requests get to the daemon, in place of Node's HTTP. */
  readonly transport?: Transport;
}

/**
 * A namespace of the daemon at an address, such as `http://127.0.0.1:5980`, or at several, of which the next is asked when one is
 * away. Nothing is sent yet. @throws RangeError
 */
export function connect(url: string | readonly string[], options: ConnectOptions = {}): Coordinate {
  const { namespace = '', tls, transport = new NodeTransport(tls) } = options;
  return new Coordinate(new RestClient([url].flat(), options, transport), namespace);
}
