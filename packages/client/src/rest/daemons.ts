import type { components } from '../generated/bodies.js';
import { dateOf } from '../time.js';
import type { CallOptions } from '../waiting.js';
import type { RestClient } from './rest-client.js';

type Bodies = components['schemas'];

/** A daemon that works on the same storage. What it does not say of itself, as some versions do not, is undefined. */
export interface ListedDaemon {
  /** Made up when its process began. */
  readonly id: string;
  readonly version: string;
  /** The newest change of the tables that it knows. */
  readonly migration: string | undefined;
  readonly host: string | undefined;
  readonly pid: number | undefined;
  /** When it opened the storage. */
  readonly openedAt: Date | undefined;
  /** Its last sign of life, by the storage's clock. */
  readonly lastSign: Date | undefined;
}

export async function listDaemons(client: RestClient, options?: CallOptions): Promise<ListedDaemon[]> {
  const { value } = await client.call<Bodies['DaemonList']>({ method: 'GET', path: '/daemon' }, options);
  return value.daemons.map((daemon) => ({
    id: daemon.id,
    version: daemon.version,
    migration: daemon.migration,
    host: daemon.host,
    pid: daemon.pid,
    openedAt: dateOf(daemon.opened_at),
    lastSign: daemon.last_sign_at === undefined ? undefined : dateOf(daemon.last_sign_at),
  }));
}
