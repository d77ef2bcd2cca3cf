/** The thread in which a worker's leases are kept, with connections of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Name } from '../names.js';
import { Coordinate } from '../rest/coordinate.js';
import { NodeTransport } from '../rest/node-transport.js';
import type { RestOptions } from '../rest/rest-client.js';
import { RestClient } from '../rest/rest-client.js';
import type { KeeperSettings, ToKeeper } from './keeper.js';
import { Keeper } from './keeper.js';

/** What the thread is started with. */
export interface ThreadData {
  readonly urls: readonly string[];
  readonly options: Omit<RestOptions, 'token' | 'onWarning'>;
  readonly tls: object | undefined;
  /** The first one; others are told. */
  readonly token: string | undefined;
  readonly namespace: string;
  readonly name: Name;
  readonly settings: KeeperSettings;
}

const { urls, options, tls, namespace, name, settings, ...data } = workerData as ThreadData;
const port = parentPort!;
let { token } = data;
const client = new RestClient(
  urls,
  // A keeper asks again by itself, and knows how long that makes sense.
  { ...options, retry: false, token: token === undefined ? undefined : () => token! },
  new NodeTransport(tls),
);
const keeper = new Keeper(new Coordinate(client, namespace).worker(name), settings, (message) => {
  port.postMessage(message);
  if (!('ended' in message)) return;
  client.close();
  port.close();
});
port.on('message', (message: ToKeeper) => {
  if ('token' in message) token = message.token;
  else keeper.take(message);
});
