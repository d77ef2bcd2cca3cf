import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ByteString, CborMap, type CborValue, Float, Tuple } from '../../../src/cbor/index.js';
import { RawClient } from '../../cbor-rpc/client.js';
import type { RunningDaemon } from '../../support/daemon.js';
import { startAsked } from './asked.js';
import { Python2 } from './python.js';

let daemon: RunningDaemon;
let client: RawClient;
let python: Python2;

beforeAll(async () => {
  const files = new Python2(0);
  const config = files.write('daemon.yaml', 'kvlayer:\n  storage_type: local\n  names: [a, Straße]\n');
  daemon = await startAsked(['-config', config]);
  files.remove();
  client = await RawClient.connect(daemon.rpcPort);
  python = new Python2(daemon.rpcPort);
});
afterAll(async () => {
  client.destroy();
  await daemon.stop();
  python.remove();
});

/** Runs a command of `coordinate`; its arguments are separated by spaces. */
function coordinate(command: string, status = 0): Promise<string> {
  return python.coordinate(command.split(' '), status);
}

// Each test goes on where the one before it ended: the commands of somebody's morning.
describe('coordinate', () => {
  it('load: sets a work spec and adds units', async () => {
    const spec = { name: 'divide', min_gb: 0.1, module: 'interop_tasks', run_function: 'divide' };
    const specPath = python.write('divide.json', JSON.stringify(spec));
    const units = python.write('units.json', '{"one": {"n": 1}}\n# none\n\n{"two": {"n": 2}, "zero": {"n": 0}}\n');
    expect(await coordinate(`load -w ${specPath} -u ${units} -n 5`)).toContain(
      "finished writing 3 work units to work_spec='divide'",
    );
    expect(await unitsOf('divide')).toEqual([
      ['one', 1],
      ['two', 2],
      ['zero', 0],
    ]);
    const [meta] = (await client.call('get_work_spec_meta', 'divide')) as [CborMap];
    expect(meta.get('weight')).toBe(15);
  });

  it('flow: sets work specs that are chained', async () => {
    const flow = python.write(
      'flow.yaml',
      'flows:\n  pipe:\n    first: {min_gb: 1, then: pipe.second}\n    second: {min_gb: 1, config: {own: 1}}\n',
    );
    await coordinate(`flow ${flow}`);
    expect(await coordinate('work_specs')).toBe('divide\npipe.first\npipe.second\n');
    const second = (await client.call('get_work_spec', 'pipe.second')) as CborMap;
    const config = second.get('config') as CborMap;
    expect(config.get('own')).toBe(1);
    // The client's own configuration goes with it.
    expect(((config.get('coordinate') as CborMap).get('address') as CborValue[])[1]).toBe(daemon.rpcPort);
    expect(await coordinate('work_spec -W pipe.first')).toContain('then: pipe.second');
  });

  it('addwork: adds units, replacing those of the same name', async () => {
    const units = python.write('more.json', '{"two": {"n": 20}}\n{"three": {"n": 3}}\n');
    await coordinate(`addwork -W divide -u ${units}`);
    expect(await unitsOf('divide')).toEqual([
      ['one', 1],
      ['three', 3],
      ['two', 20],
      ['zero', 0],
    ]);
  });

  it('prioritize, run_one: does one unit, the most urgent first', async () => {
    await coordinate('prioritize divide two three');
    expect(await coordinate('run_one --from-work-spec divide')).toBe('');
    const [[, three]] = await dataOf('divide', 'three');
    expect(three?.get('quotient')).toBe(20);
    expect(await statusesOf('divide')).toEqual({ one: 1, three: 4, two: 1, zero: 1 });
    await coordinate('run_one --from-work-spec divide --limit-count 2 --max-jobs 2');
    // Two at a time, the second of which was the one that fails.
    expect(await statusesOf('divide')).toEqual({ one: 4, three: 4, two: 4, zero: 5 });
    // Nothing is left to do in this spec.
    await coordinate('run_one --from-work-spec divide', 2);
  });

  it('summary, status: count units by state', async () => {
    const row = (name: string, numbers: string) => new RegExp(`^${name} +${numbers.split(' ').join(' +')}$`, 'm');
    const summary = await coordinate('summary');
    // Available, pending, blocked, failed, finished, total.
    expect(summary).toMatch(row('divide', '0 0 0 1 3 4'));
    expect(summary).toMatch(row('pipe\\.first', '0 0 0 0 0 0'));
    expect(JSON.parse(await coordinate('summary --json'))).toMatchObject({ divide: { num_failed: 1, num_tasks: 4 } });
    expect(JSON.parse(await coordinate('status -W divide'))).toEqual({
      num_available: 0,
      num_blocked: 0,
      num_failed: 1,
      num_finished: 3,
      num_pending: 0,
      num_tasks: 4,
    });
  });

  it('work_units: lists units, with their data when asked', async () => {
    expect(await coordinate('work_units -W divide')).toBe('one\nthree\ntwo\nzero\n');
    expect(await coordinate('work_units -W divide -n 2')).toBe('one\nthree\n');
    expect(await coordinate('work_units -W divide -s failed')).toBe('zero\n');
    expect(await coordinate('work_units -W divide -s blocked')).toBe('');
    const details = await coordinate('work_units -W divide -s failed --details');
    expect(details).toContain("'traceback': 'displayed below'");
    expect(details).toContain('ZeroDivisionError');
    expect(await coordinate('work_units -W divide -s finished --details')).toMatch(/^'two': \{.*'quotient': 3/m);
  });

  it('work_unit: shows a unit, its worker and its traceback', async () => {
    const failed = await coordinate('work_unit -W divide zero');
    expect(failed).toMatch(/^zero \(5L?\)\n {2}Expires: .* 20\d\d\n {2}Worker: [0-9a-f]+ \(No information\)\n/);
    expect(failed).toMatch(/^ZeroDivisionError: .* by zero$/m);
    expect(await coordinate('work_unit -W divide one two')).toMatch(/^one \(4L?\)[^]*^two \(4L?\)/m);
  });

  it('retry: makes units available again', async () => {
    expect(await coordinate('retry -W divide zero one')).toBe('Retried 2 work units.\n');
    expect(await statusesOf('divide')).toEqual({ one: 1, three: 4, two: 4, zero: 1 });
    // It goes on until there is nothing left, and says so.
    await coordinate('run_one --from-work-spec divide --limit-count 9', 2);
    expect(await statusesOf('divide')).toEqual({ one: 4, three: 4, two: 4, zero: 5 });
    expect(await coordinate('retry -W divide --all')).toBe('Retried 1 work unit.\n');
    expect(await coordinate('retry -W divide --all')).toBe('Nothing to do.\n');
    expect(await statusesOf('divide')).toEqual({ one: 4, three: 4, two: 4, zero: 1 });
  });

  it('pause, resume: holds units back', async () => {
    await coordinate('pause divide');
    await coordinate('run_one', 2);
    expect(await statusesOf('divide')).toMatchObject({ zero: 1 });
    await coordinate('resume divide');
    await coordinate('run_one');
    expect(await statusesOf('divide')).toMatchObject({ zero: 5 });
  });

  it('workers, worker_stats, mode_counts: show who is there', async () => {
    expect(await coordinate('workers')).toBe('');
    await client.call('worker_heartbeat', 'parent', 'RUN', 600, { pid: 1 }, null);
    await client.call('worker_heartbeat', new ByteString('child'), 'IDLE', 600, { fqdn: 'host.example' }, 'parent');
    expect(await coordinate('workers')).toBe('child (IDLE)\nparent (RUN)\n');
    expect(await coordinate('workers --all')).toBe('child (IDLE)\nparent (RUN)\n');
    const details = await coordinate('workers --details');
    expect(details).toMatch(/^child \(IDLE\)\n( {2}.*\n)* {2}fqdn: host\.example\n/);
    expect(details).toMatch(/^ {2}age_seconds: [0-9.e-]+$/m);
    expect(await coordinate('rpc mode_counts')).toMatch(/^\[\{('RUN': 1L?|'IDLE': 1L?|, ){3}}, None\]\n$/);
    expect(await coordinate('worker_stats')).toMatch(
      /^\{('num_workers': 2L?|'num_children': 1L?|'num_expirable': 2L?|, ){5}}\n$/,
    );
  });

  it("config: prints the daemon's configuration", async () => {
    const config = await coordinate('config');
    expect(config).toContain('storage_type: local');
    expect(config).toContain(String.raw`Stra\xDFe`);
  });

  it('rpc: shows the message of an error', async () => {
    expect(await coordinate('rpc nonsense')).toMatch(/^Exception\('no such method .*',\)\n$/);
  });

  it('clear: removes units', async () => {
    expect(await coordinate('clear -W divide -s failed')).toBe('Removed 1 work units.\n');
    expect(await coordinate('clear -W divide one none')).toBe('Removed 1 work units.\n');
    expect(await unitsOf('divide')).toEqual([
      ['three', 3],
      ['two', 20],
    ]);
    expect(await coordinate('clear -W divide -s blocked')).toBe('Removed 0 work units.\n');
    expect(await coordinate('clear -W divide')).toBe('Removed 2 work units.\n');
    expect(await unitsOf('divide')).toEqual([]);
  });

  it('delete: removes everything', async () => {
    expect(await coordinate('delete -y')).toBe('deleting all\n');
    expect(await coordinate('work_specs')).toBe('');
  });
});

/** Names of the units, each with the number in its data. */
async function unitsOf(spec: string): Promise<[string, CborValue][]> {
  const [units] = (await client.call('get_work_units', spec)) as [Tuple<CborValue>[]];
  return units.map(({ items: [key, data] }) => [(key as ByteString).binary, numberOf((data as CborMap).get('n'))]);
}

async function dataOf(spec: string, ...names: string[]): Promise<[string, CborMap | null][]> {
  const [units] = (await client.call('get_work_units', spec, { work_unit_keys: names })) as [Tuple<CborValue>[]];
  return units.map(({ items: [, data] }, i) => [names[i], data as CborMap | null]);
}

/** The state of each unit. */
async function statusesOf(spec: string): Promise<Record<string, CborValue>> {
  const names = (await unitsOf(spec)).map(([name]) => name);
  const [statuses] = (await client.call('get_work_unit_status', spec, names)) as [CborMap[]];
  return Object.fromEntries(statuses.map((status, i) => [names[i], status.get('status')]));
}

function numberOf(value: CborValue): CborValue {
  return value instanceof Float ? value.value : value;
}
