import { pathPart } from '../names.js';
import type { components } from '../generated/bodies.js';
import type { CallOptions } from '../waiting.js';
import { listenTo } from './events.js';
import type { RestClient } from './rest-client.js';

type Bodies = components['schemas'];

/** One thing that is asked: the name of a call, and its parameters as the OpenAPI document of the daemon spells them. */
export type StorageCall = Bodies['StorageCall'];

/** What came of it: a value, or the name of an error. */
export type StorageAnswer = Bodies['StorageResult'];

/** Claims may be given units by now. */
export interface StorageWork {
  /** Of which work spec; undefined: of any. */
  readonly spec: string | undefined;
  /** About how many. */
  readonly units: number;
}

/** What a daemon asks that keeps its state in another one. Both are to be of the same version. */
export class Storage {
  constructor(private readonly client: RestClient) {}

  /**
   * The ids of the daemon, of the one that keeps its state, and so on; a circle ends with the one that it comes back to.
   * @param asking - the daemons that ask, the first one first
   */
  async chain(asking: readonly string[], options?: CallOptions): Promise<readonly string[]> {
    const query = asking.map((id) => `asking=${encodeURIComponent(id)}`);
    const call = { method: 'GET', path: '/storage', query } as const;
    return (await this.client.call<Bodies['StorageChain']>(call, options)).value.ids;
  }

  /** Has calls begun in their order, in one request. It is made once: some of them may not be carried out twice. */
  async carryOut(calls: readonly StorageCall[], options?: CallOptions): Promise<readonly StorageAnswer[]> {
    const call = { method: 'POST', path: '/storage/calls', body: { calls } } as const;
    return (await this.client.call<Bodies['StorageResults']>(call, options)).value.results;
  }

  /** @throws UnavailableError and what else keeps the daemon from serving */
  async ready(options?: CallOptions): Promise<void> {
    await this.client.call({ method: 'GET', path: '/readyz', isAnswerUnread: true }, options);
  }

  /** Hears when claims are worth a try, first of all at the beginning of each connection, until the signal aborts. */
  work(namespace: string, signal: AbortSignal): AsyncGenerator<StorageWork, void, undefined> {
    const path = `/namespace/${pathPart(namespace)}/storage_news`;
    const read = (type: string, text: string): StorageWork | undefined => {
      if (type !== 'work') return undefined;
      const { work_spec, units } = JSON.parse(text) as { readonly work_spec?: string; readonly units: number };
      return { spec: work_spec, units };
    };
    return listenTo(this.client, path, read, signal);
  }
}
