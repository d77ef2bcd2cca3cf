import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RpcMethod } from 'coordinate-client';

/** Every method that the client has types of: the compiler wants each, and no other. */
const TYPED: Readonly<Record<RpcMethod, true>> = {
  set_work_spec: true,
  get_work_spec: true,
  list_work_specs: true,
  del_work_spec: true,
  clear: true,
  control_work_spec: true,
  get_work_spec_meta: true,
  add_work_units: true,
  count_work_units: true,
  get_work_units: true,
  get_work_unit_status: true,
  prioritize_work_units: true,
  del_work_units: true,
  cancel_work_units: true,
  edit_work_unit: true,
  get_work: true,
  update_work_unit: true,
  archive: true,
  worker_heartbeat: true,
  worker_unregister: true,
  list_worker_modes: true,
  mode_counts: true,
  get_worker_info: true,
  worker_stats: true,
  get_child_work_units: true,
  hello: true,
  get_config: true,
  now: true,
  lock: true,
  locksome: true,
  renew: true,
  readlock: true,
  unlock: true,
  delete_namespace: true,
};

it('has types of all methods that the daemon has', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/cbor-rpc-methods.md'), 'utf8');
  const described = [...page.matchAll(/^### `?(\w+)/gm)].map(([, name]) => name);
  expect(Object.keys(TYPED).toSorted()).toEqual(described.toSorted());
});
