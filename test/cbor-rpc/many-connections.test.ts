import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ByteString, CborMap, type CborValue, decodeValue, ItemScanner, Tagged, Tuple } from '../../src/cbor/index.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { RawClient, request, resultOf } from './client.js';
import { sized } from '../support/full-size.js';

const CONNECTIONS = sized(800, 200);
const UNITS = sized(20_000, 2_000);
const UNITS_A_CALL = 1_000;
const SPEC = 'shared';
const FINISHED = 4;

let daemon: RunningDaemon;
beforeAll(async () => {
  daemon = await startDaemon(['-http', 'off']);
});
afterAll(() => daemon.stop());

it(`hands each of ${UNITS} units to one of ${CONNECTIONS} connections, and loses none`, async () => {
  const names = Array.from({ length: UNITS }, (_, i) => `unit-${i}`);
  const driver = await RawClient.connect(daemon.rpcPort);
  await driver.call('set_work_spec', { name: SPEC });
  for (let i = 0; i < UNITS; i += UNITS_A_CALL) {
    await driver.call('add_work_units', SPEC, names.slice(i, i + UNITS_A_CALL));
  }

  /** Who was given a unit, in the order of the answers. */
  const givenTo = new Map<string, string[]>();
  const refusals: CborValue[] = [];
  const workers = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, i) => {
      const socket = connect({ port: daemon.rpcPort, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      return { name: `worker-${i}`, socket };
    }),
  );
  await Promise.all(
    workers.map(async ({ name, socket }) => {
      const answers = answersOn(socket);
      const claim = request(1, 'get_work', [name, { lease_time: 600 }]);
      socket.write(claim);
      for (;;) {
        // (spec, key, data), all null when there is nothing left to do.
        const unit = pairOf(await answers.next()).value as Tuple<ByteString | null>;
        const key = unit.items[1]?.binary;
        if (key === undefined) break;
        const holders = givenTo.get(key);
        if (holders === undefined) givenTo.set(key, [name]);
        else holders.push(name);
        // Without waiting for the one answer, the next is asked for: they come in this order.
        const done = request(2, 'update_work_unit', [SPEC, key, { status: FINISHED, worker_id: name }]);
        socket.write(Buffer.concat([done, claim]));
        const { value, message } = pairOf(await answers.next());
        if (value !== true) refusals.push(message);
      }
      socket.destroy();
    }),
  );

  const twice = [...givenTo].filter(([, holders]) => holders.length > 1);
  expect(twice).toEqual([]);
  expect(givenTo.size).toBe(UNITS);
  expect(refusals).toEqual([]);
  expect(new Set([...givenTo.values()].flat()).size, 'connections that had work').toBe(CONNECTIONS);
  const counts = await driver.call('count_work_units', SPEC);
  expect(((counts as CborValue[])[0] as CborMap).entries).toEqual([[FINISHED, UNITS]]);
  const status = await driver.call('get_work_unit_status', SPEC, names.slice(0, UNITS_A_CALL));
  const finishers = ((status as CborValue[])[0] as CborMap[]).map((s) => (s.get('worker_id') as ByteString).binary);
  expect(finishers).toEqual(names.slice(0, UNITS_A_CALL).map((name) => givenTo.get(name)![0]));
  driver.destroy();
});

/** The results that arrive on a connection, in their order. */
function answersOn(socket: Socket): { next(): Promise<CborValue> } {
  const scanner = new ItemScanner();
  const results: CborValue[] = [];
  let received: Buffer = Buffer.alloc(0);
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (let end; received.length > 0 && (end = scanner.scan(received, 0, received.length)) >= 0;) {
      const frame = decodeValue(received.subarray(0, end)) as Tagged<ByteString>;
      results.push(resultOf(decodeValue(Buffer.from(frame.value.binary, 'latin1'))));
      received = received.subarray(end);
    }
    wake();
  });
  socket.on('error', (error) => (failure = error));
  socket.on('close', () => {
    failure ??= new Error('the connection was closed');
    wake();
  });
  return {
    async next() {
      while (results.length === 0) {
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return results.shift()!;
    },
  };
}

function pairOf(result: CborValue): { value: CborValue; message: CborValue } {
  const [value, message] = result as CborValue[];
  return { value, message };
}
