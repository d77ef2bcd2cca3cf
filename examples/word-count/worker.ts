/**
 * A worker process: claims units, does them, reports. Usage: worker.js HOST:PORT WORKER_ID PARENT_ID SPEC...
 *
 * Everything that a worker owes the daemon is here: a lease on what it claims, renewed while it is at it; a report, with
 * its own id, so that a unit that it lost meanwhile stays with whoever has it now; a heartbeat, so that it shows up in
 * `coordinate workers`; and patience while the daemon is away. SIGTERM lets it finish what it has.
 */
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CborRpcClient,
  ConnectionError,
  type ReportOptions,
  RpcError,
  type RpcMethod,
  type RpcMethods,
  UnitState,
} from 'coordinate-client';
import { valueOf } from './queue.js';
import { type Content, TASKS, type WorkUnit } from './tasks.js';

const LEASE_SECONDS = 2;
const HEARTBEAT_SECONDS = 5;
const UNITS_AT_ONCE = 10;
const IDLE_MS = 50;
/** Between two tries to reach a daemon that is away: doubled up to the second. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

const [address, workerId, parentId, ...specNames] = process.argv.slice(2);
const client = new CborRpcClient({ address });
const specs = new Map<string, Content>();
let stopping = false;
let heartbeatDue = 0;

process.once('SIGTERM', () => (stopping = true));

while (!stopping) {
  await heartbeat();
  const claimedAt = Date.now();
  const units = await claim();
  if (units.length === 0) await delay(IDLE_MS);
  let leasedAt = claimedAt;
  for (const [index, unit] of units.entries()) {
    // Half of the lease is gone: renew it for all that is still to be done.
    if (Date.now() - leasedAt > (LEASE_SECONDS * 1000) / 2) {
      leasedAt = Date.now();
      await Promise.all(units.slice(index).map((waiting) => report(waiting, { lease_time: LEASE_SECONDS })));
    }
    await work(unit);
  }
}
// One that cannot say good-bye is forgotten when its heartbeat is due.
await client.call('worker_unregister', workerId).catch(() => undefined);
client.close();

/**
 * Calls a method again until it is answered, while the daemon restarts or its storage is away. A claim whose answer was lost
 * does no harm: its units come back when their leases run out. Nor does a report that arrives twice.
 */
async function patiently<M extends RpcMethod>(
  method: M,
  ...params: RpcMethods[M]['params']
): Promise<RpcMethods[M]['result']> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await client.call(method, ...params);
    } catch (error) {
      if (!isAway(error) || stopping) throw error;
    }
    await delay(pause);
  }
}

function isAway(error: unknown): boolean {
  if (error instanceof RpcError) return error.message.startsWith('storage unavailable');
  return error instanceof ConnectionError || (error instanceof Error && error.name === 'TimeoutError');
}

/** Claims some units; none when there is nothing to do. */
async function claim(): Promise<WorkUnit[]> {
  const options = { lease_time: LEASE_SECONDS, max_jobs: UNITS_AT_ONCE, work_spec_names: specNames };
  const claimed = valueOf(await patiently('get_work', workerId, options)) as [string, string, Content][];
  return claimed.map(([spec, key, data]) => ({ spec, key, data }));
}

/** Does one unit and reports how it went. */
async function work(unit: WorkUnit): Promise<void> {
  const spec = await specNamed(unit.spec);
  if (spec === null) return; // it has been deleted, and its units with it
  try {
    const task = TASKS[String(spec.task)];
    await report(unit, { status: UnitState.finished, data: task(unit, spec) });
  } catch (error) {
    const traceback = error instanceof Error ? error.stack : String(error);
    await report(unit, { status: UnitState.failed, data: { ...unit.data, traceback } });
  }
}

/** @returns false when the unit is no longer this worker's, which is then nobody's fault and needs no further step */
async function report(unit: WorkUnit, change: ReportOptions): Promise<boolean> {
  const options = { ...change, worker_id: workerId };
  const [changed] = await patiently('update_work_unit', unit.spec, unit.key, options);
  return changed;
}

async function specNamed(name: string): Promise<Content | null> {
  const known = specs.get(name);
  if (known !== undefined) return known;
  const spec = (await patiently('get_work_spec', name)) as Content | null;
  if (spec !== null) specs.set(name, spec);
  return spec;
}

async function heartbeat(): Promise<void> {
  if (Date.now() < heartbeatDue) return;
  heartbeatDue = Date.now() + HEARTBEAT_SECONDS * 1000;
  const about = { pid: process.pid, version: process.version };
  await patiently('worker_heartbeat', workerId, 'RUN', 3 * HEARTBEAT_SECONDS, about, parentId);
}
