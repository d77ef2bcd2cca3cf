import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CborMap, type CborValue, encode, type Encodable, RawCbor } from '../../src/cbor/index.js';
import { RawClient } from '../cbor-rpc/client.js';
import { Canary } from '../support/canary.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { memoryOf } from '../support/memory-of.js';

/** How many units each request is about. */
const UNITS = Number(process.env.LONG_WORK_UNITS ?? 3_000);
/** One claim gives out no more, and one request locks no more. */
const AT_ONCE = Math.min(UNITS, 100_000);

describe(`one request about ${UNITS} units`, () => {
  let daemon: RunningDaemon;
  let client: RawClient;
  let canary: Canary;
  const names = Array.from({ length: UNITS }, (_, index) => `u${String((index * 7_919) % UNITS).padStart(7, '0')}`);
  const keys = new RawCbor(encode(names));
  const paths = new RawCbor(encode(names.slice(0, AT_ONCE).map((name) => [name])));
  const added = (data: Encodable): RawCbor => new RawCbor(encode(names.map((name) => [name, data])));

  beforeAll(async () => {
    daemon = await startDaemon(['-http', 'off', '-max-message', '256MiB']);
    client = await RawClient.connect(daemon.rpcPort);
    canary = await Canary.start(daemon.rpcPort);
    await client.call('set_work_spec', { name: 's', then: 't' });
    await client.call('set_work_spec', { name: 't' });
  });
  afterAll(async () => {
    await canary?.stop();
    client?.destroy();
    await daemon?.kill();
  });

  /** How many units of a spec are in each state. */
  async function count(spec: string): Promise<unknown> {
    const answer = await client.call('count_work_units', spec);
    const counts = Array.isArray(answer) ? answer[0] : answer;
    return counts instanceof CborMap ? counts.entries : counts;
  }

  async function timed(what: string, method: string, ...params: Encodable[]): Promise<CborValue> {
    canary.take();
    const begun = performance.now();
    const answer = await client.call(method, ...params);
    const took = performance.now() - begun;
    const { longest, answers } = canary.take();
    const resident = memoryOf(daemon.pid) / (1024 * 1024);
    // eslint-disable-next-line no-console -- for who takes the figures of the page on limits
    console.info(
      `${what}: ${took.toFixed(0)} ms, in which now took ${longest.toFixed(0)} ms at most; ${resident.toFixed(0)} MiB`,
    );
    // On a machine that does other things as well no more can be told than that others had their turn.
    if (took > 2_000) expect(answers).toBeGreaterThan(1);
    return answer;
  }

  /** Each request, and how many units its spec has of each state afterwards. */
  const requests: [string, string, [string, ...Encodable[]], [number, number][]][] = [
    ['adding', 'add_work_units', ['s', added({ a: 1 })], [[1, UNITS]]],
    ['adding again', 'add_work_units', ['s', added({ b: 1 })], [[1, UNITS]]],
    ['setting all priorities', 'prioritize_work_units', ['s', { priority: 3 }], [[1, UNITS]]],
    ['changing them by name', 'prioritize_work_units', ['s', { work_unit_keys: keys, adjustment: 1 }], [[1, UNITS]]],
    ['deleting by name', 'del_work_units', ['s', { work_unit_keys: keys }], []],
    ['chaining', 'update_work_unit', ['s', 'one', { status: 4, data: { output: keys } }], [[4, 1]]],
    ['deleting by state', 'del_work_units', ['t', { state: 1 }], []],
  ];
  it.each(requests)('lets others go on: %s', async (what, method, params, left) => {
    if (what === 'chaining') await client.call('add_work_units', 's', [['one', {}]]);
    await timed(what, method, ...params);
    expect(await count(params[0])).toEqual(left);
  });

  it('lets others go on: claiming', async () => {
    await client.call('add_work_units', 't', added({}));
    const answer = await timed('claiming', 'get_work', 'w', { max_jobs: AT_ONCE, work_spec_names: ['t'] });
    expect((answer as CborValue[])[0]).toHaveLength(AT_ONCE);
    expect(await count('t')).toEqual(
      AT_ONCE < UNITS
        ? [
            [1, UNITS - AT_ONCE],
            [3, AT_ONCE],
          ]
        : [[3, UNITS]],
    );
  });

  it('lets others go on: locking', async () => {
    await timed('locking', 'lock', 'me', 60, paths);
    expect(await client.call('readlock', [[names[0]], [names[AT_ONCE - 1]]])).toHaveLength(2);
    await timed('unlocking', 'unlock', 'me', paths);
  });
});
