import { Coordinate } from './rest/coordinate.js';
import type { RestOptions } from './rest/rest-client.js';
import { RestClient } from './rest/rest-client.js';
import type { Transport } from './rest/transport.js';
import { FetchTransport } from './rest/transport.js';

export * from './common.js';
export { FetchTransport } from './rest/transport.js';

export interface ConnectOptions extends RestOptions {
  /** The empty one where it is absent, in which CBOR-RPC works as well. */
  readonly namespace?: string;
  /** How requests get to the daemon, in place of fetch. */
  readonly transport?: Transport;
}

/**
 * A namespace of the daemon at an address, such as `http://127.0.0.1:5980`, or at several, of which the next is asked when one is
 * away. Nothing is sent yet. @throws RangeError
 */
export function connect(url: string | readonly string[], options: ConnectOptions = {}): Coordinate {
  const { namespace = '', transport = new FetchTransport() } = options;
  return new Coordinate(new RestClient([url].flat(), options, transport), namespace);
}
