/**
 * A worker process: claims units, does them, reports. Usage: worker.js HOST:PORT WORKER_ID PARENT_ID SPEC...
 *
 * Everything that a worker owes the daemon is here: a lease on what it claims, renewed while it is at it; a report, with
 * its own id, so that a unit that it lost meanwhile stays with whoever has it now; a heartbeat, so that it shows up in
 * `coordinate workers`. SIGTERM lets it finish what it has.
 */
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { CborRpcClient, type ReportOptions, UnitState } from 'coordinate-client';
import { valueOf } from './queue.js';
import { type Content, TASKS, type WorkUnit } from './tasks.js';

const LEASE_SECONDS = 2;
const HEARTBEAT_SECONDS = 5;
const UNITS_AT_ONCE = 10;
const IDLE_MS = 50;

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
await client.call('worker_unregister', workerId);
client.close();

/** Claims some units; none when there is nothing to do. */
async function claim(): Promise<WorkUnit[]> {
  const options = { lease_time: LEASE_SECONDS, max_jobs: UNITS_AT_ONCE, work_spec_names: specNames };
  const claimed = valueOf(await client.call('get_work', workerId, options)) as [string, string, Content][];
  return claimed.map(([spec, key, data]) => ({ spec, key, data }));
}

/** Does one unit and reports how it went. */
async function work(unit: WorkUnit): Promise<void> {
  const spec = await specNamed(unit.spec);
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
  const [changed] = await client.call('update_work_unit', unit.spec, unit.key, options);
  return changed;
}

async function specNamed(name: string): Promise<Content> {
  let spec = specs.get(name);
  if (spec === undefined) {
    spec = (await client.call('get_work_spec', name)) as Content;
    specs.set(name, spec);
  }
  return spec;
}

async function heartbeat(): Promise<void> {
  if (Date.now() < heartbeatDue) return;
  heartbeatDue = Date.now() + HEARTBEAT_SECONDS * 1000;
  const about = { pid: process.pid, version: process.version };
  await client.call('worker_heartbeat', workerId, 'RUN', 3 * HEARTBEAT_SECONDS, about, parentId);
}
