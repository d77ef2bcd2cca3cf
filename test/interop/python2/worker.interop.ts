import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { ByteString, CborMap, type CborValue, Tuple } from '../../../src/cbor/index.js';
import type { RunningDaemon } from '../../support/daemon.js';
import { HEADERS, startAsked } from './asked.js';
import { RawClient } from '../../cbor-rpc/client.js';
import { Python2 } from './python.js';

const UNITS = 500;
const WORKERS = 4;
/** The unit at which the child hangs that is then killed. */
const HANGING = 'unit-100';
/** The shortest lease that the client does not complain about: the unit of the child that is killed waits as long. */
const SETTINGS = `\
  default_lifetime: 10
  worker: fork_worker
  fork_worker:
    num_workers: ${WORKERS}
    poll_interval: 0.2
    heartbeat_interval: 1
    child_lifetime: 2
    stop_jobs_early: 0
`;

let daemon: RunningDaemon;
let client: RawClient;
let python: Python2;
beforeAll(async () => {
  daemon = await startAsked();
  client = await RawClient.connect(daemon.rpcPort);
  python = new Python2(daemon.rpcPort, SETTINGS);
});
afterAll(async () => {
  client.destroy();
  await daemon.stop();
  python.remove();
});

describe('coordinate_worker', () => {
  it(`runs ${UNITS} chained units, though one of its children is killed`, async () => {
    const names = Array.from({ length: UNITS }, (_, i) => `unit-${i}`);
    await load(names);
    const worker = python.startWorker();
    onTestFailed(() => void process.stderr.write(readFileSync(python.workerLog)));
    const exited = once(worker, 'exit');
    try {
      await killTheChildThatHangs();
      const modes = await python.coordinate(['workers']);
      // The parent, the children at work, and the one that was killed, which could not say goodbye.
      expect(modes.trim().split('\n').length).toBeGreaterThan(1);
      expect(modes).toMatch(/^([0-9a-f]+ \(RUN\)\n)+$/);
      const counts = await python.coordinate(['rpc', 'mode_counts']);
      expect(Number(/^\[\{'RUN': (\d+)L?\}, None\]$/.exec(counts.trim())?.[1])).toBeGreaterThan(1);
      await until('all units are finished', async () => (await finished('double')) === UNITS);
    } finally {
      worker.kill('SIGTERM');
      await exited;
    }

    // Each function ran once for each unit, and once more where it never came to its end.
    expect(runs('square')).toEqual([...names, HANGING].sort());
    expect(runs('double')).toEqual(names.map((name) => `${name}-squared`).sort());
    const doubled = (await unitsOf('double')).map(([name, data]) => [name, data.get('doubled')]);
    expect(new Map(doubled as [string, number][])).toEqual(
      new Map(names.map((name, i) => [`${name}-squared`, 2 * i * i])),
    );
    expect(await historyOf(HANGING)).toEqual(['expired', 'finished']);
    expect(await historyOf('unit-0')).toEqual(['finished']);
    expect(await python.coordinate(['summary'])).toMatch(
      new RegExp(String.raw`^double +0 +0 +0 +0 +${UNITS} +${UNITS}\nsquare +0 +0 +0 +0 +${UNITS} +${UNITS}$`, 'm'),
    );
  });
});

/** Two work specs, by the published command line. */
async function load(names: readonly string[]): Promise<void> {
  const spec = (name: string, more: object) => {
    const run = { module: 'interop_tasks', run_function: name, run_params: { folder: python.folder } };
    return python.write(`${name}.json`, JSON.stringify({ name, min_gb: 0.1, ...run, ...more }));
  };
  const units = names.map((name, n) => JSON.stringify({ [name]: name === HANGING ? { n, hang: true } : { n } }));
  await python.coordinate(['load', '-w', spec('double', {}), '--no-work']);
  const path = python.write('units.json', units.join('\n'));
  const printed = await python.coordinate(['load', '-w', spec('square', { then: 'double' }), '-u', path]);
  expect(printed).toContain(`finished writing ${UNITS} work units to work_spec='square'`);
}

async function killTheChildThatHangs(): Promise<void> {
  const path = join(python.folder, 'hanging');
  await until('a child hangs', () => existsSync(path));
  process.kill(Number(readFileSync(path, 'utf8')), 'SIGKILL');
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it never came to this: ${what}`);
    await delay(100);
  }
}

async function finished(spec: string): Promise<number> {
  const [counts] = (await client.call('count_work_units', spec)) as [CborMap];
  return Number(counts.entries.find(([state]) => state === 4)?.[1] ?? 0);
}

/** The finished units with their data. */
async function unitsOf(spec: string): Promise<[string, CborMap][]> {
  const [units] = (await client.call('get_work_units', spec, { state: 4 })) as [Tuple<CborValue>[]];
  return units.map(({ items: [key, data] }) => [(key as ByteString).binary, data as CborMap]);
}

/** What became of the attempts at a unit of the first spec, the oldest first. */
async function historyOf(name: string): Promise<string[]> {
  const http = `http://127.0.0.1:${daemon.httpPort}`;
  const get = async (path: string) =>
    (await fetch(http + path, { headers: HEADERS })).json() as Promise<Record<string, unknown>>;
  const { attempts } = await get(`/namespace/-/work_spec/square/work_unit/${name}/attempts`);
  return Promise.all((attempts as { url: string }[]).map(async ({ url }) => (await get(url)).status as string));
}

/** The names of the units that a function was called with, sorted. */
function runs(task: string): string[] {
  const lines = readFileSync(join(python.folder, 'log'), 'utf8').trimEnd().split('\n');
  return lines
    .map((line) => line.split(' '))
    .filter(([name]) => name === task)
    .map(([, key]) => key)
    .sort();
}
