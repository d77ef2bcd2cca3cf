import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CborRpcClient } from 'coordinate-client';
import type { Bench } from '../harness/bench.js';
import { cpuSeconds } from '../harness/processes.js';
import type { Server } from '../harness/server.js';
import { StatementCount } from '../harness/statement-count.js';
import type { Row } from '../report/row.js';
import { median } from '../report/row.js';
import { count, type Scenario } from './scenario.js';

/** How often somebody is woken. */
const WAKES = 300;
/** Until who waits is known to, also at another daemon, in milliseconds. */
const BEFORE_MS = 15;

export const wakeUp: Scenario = {
  name: 'wake-up',
  title: 'Waiting workers: from the acknowledgement of add_work_units to the unit in hand',
  async run(bench) {
    const memory = await bench.daemon();
    const rows = [await wake(bench, 'memory', memory, memory, 2)];
    const database = await bench.database();
    const url = await database.create();
    const [here, there] = [await bench.daemon(['-backend', url]), await bench.daemon(['-backend', url])];
    rows.push(await wake(bench, 'PostgreSQL, added and claimed at one daemon', here, here));
    rows.push(await wake(bench, 'PostgreSQL, added at another daemon', here, there, 8));
    await bench.stopAll();
    await database.drop(url);
    return rows;
  },
};

/** @param atMost - the bar for the median, in milliseconds */
async function wake(bench: Bench, where: string, worker: Server, adder: Server, atMost?: number): Promise<Row> {
  await bench.control(adder, (control) => control.setWorkSpecs({ name: 'load' }));
  const [waiting, adding] = [worker, adder].map(({ port }) => new CborRpcClient({ address: `127.0.0.1:${port}` }));
  const patient = { wait: 25, max_jobs: 1 };
  const times: number[] = [];
  try {
    for (let index = 0; index < WAKES; index++) {
      const work = waiting.call('get_work', 'w', patient).then(() => performance.now());
      await sleep(BEFORE_MS);
      await adding.call('add_work_units', 'load', [[`unit-${index}`, {}]]);
      const acknowledged = performance.now();
      times.push(Math.max(0, (await work) - acknowledged));
      await waiting.call('update_work_unit', 'load', `unit-${index}`, { status: 4 });
    }
  } finally {
    waiting.close();
    adding.close();
  }
  const bar = atMost === undefined ? {} : { bar: { atMost } };
  const note = `slowest of ${WAKES}: ${Math.max(...times).toFixed(1)} ms`;
  return { what: `${where}, p50`, value: median(times), unit: 'ms', note, ...bar };
}

const MIB = 1024 * 1024;
/** get_work of a worker `w` that waits for a minute; and a request that is answered at once. */
const GET_WORK = Buffer.from('a362696401666d6574686f64686765745f776f726b66706172616d73826177a16477616974183c', 'hex');
const NOW = Buffer.from('a262696401666d6574686f64636e6f77', 'hex');
const MANY = 10_000;
const SOME = 1_000;
const IDLE_S = 15;
/**
 * Statements are counted while all wait, which they do for a minute: once the connections that their claims took are looked after. What a
 * daemon does once a minute may fall in it.
 */
const [BEGINS_S, COUNTED_S] = [12, 45];
/**
 * So long after the last has begun to wait it is measured what waiting takes, in seconds: until then V8 gives back what connecting took, by three
 * collections once. Those who wait do so for a minute, so that none asks again meanwhile.
 */
const CALM_S = 30;
/** Before anybody waits. */
const UNUSED_S = 10;

export const waitingIdle: Scenario = {
  name: 'waiting-idle',
  title: 'Waiting workers while nothing happens',
  async run(bench) {
    const rows: Row[] = [];
    const memory = await bench.daemon(['-max-connections', '20000']);
    const sockets = await connectAll(memory.port, MANY);
    try {
      await sleep(1_000);
      const before = memory.memory;
      await askAll(sockets);
      await sleep(CALM_S * 1_000);
      rows.push({
        what: `memory, ${count(MANY)} waiting over CBOR-RPC: memory above as many idle connections`,
        value: Math.max(0, memory.memory - before) / MIB,
        unit: 'MiB',
        bar: { atMost: 40 },
      });
      rows.push(await idleCpu(`memory, ${count(MANY)} waiting`, memory));
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await bench.stop(memory);
    rows.push(...(await onDatabase(bench)));
    return rows;
  },
};

async function onDatabase(bench: Bench): Promise<Row[]> {
  const database = await bench.database();
  const url = await database.create();
  const counter = await StatementCount.before(url);
  const daemon = await bench.daemon(['-backend', counter.url]);
  await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
  const sockets = await connectAll(daemon.port, SOME);
  try {
    await useAll(daemon);
    const unused = counter.statements;
    await sleep(UNUSED_S * 1_000);
    const unusedRate = (counter.statements - unused) / UNUSED_S;
    await askAll(sockets);
    await sleep(BEGINS_S * 1_000);
    const before = counter.statements;
    await sleep((CALM_S - BEGINS_S) * 1_000);
    const cpu = await idleCpu(`PostgreSQL, ${count(SOME)} waiting`, daemon);
    await sleep((BEGINS_S + COUNTED_S - CALM_S - IDLE_S) * 1_000);
    const idle: Row = {
      what: `PostgreSQL, ${count(SOME)} waiting: statements`,
      value: (counter.statements - before) / COUNTED_S,
      unit: 'a second',
      bar: { atMost: 1 },
      note: `${unusedRate.toFixed(2)} a second while nobody waits`,
    };
    return [idle, cpu];
  } finally {
    for (const socket of sockets) socket.destroy();
    await bench.stop(daemon);
    counter.close();
    await database.drop(url);
  }
}

/** Has something done over each of the connections that a daemon opens, which it sees from then on to be alive. */
async function useAll({ port }: Server): Promise<void> {
  const client = new CborRpcClient({ address: `127.0.0.1:${port}` });
  try {
    const units = Array.from({ length: 100 }, (_, index) => `used-${index}`);
    await client.call('add_work_units', 'load', units);
    await client.call('get_work', 'w', { max_jobs: units.length });
    for (const unit of units) await client.call('update_work_unit', 'load', unit, { status: 4 });
    await sleep(6_000);
  } finally {
    client.close();
  }
}

async function idleCpu(what: string, { pid }: Server): Promise<Row> {
  const before = cpuSeconds(pid);
  await sleep(IDLE_S * 1_000);
  const share = ((cpuSeconds(pid) - before) / IDLE_S) * 100;
  return { what: `${what}: CPU`, value: share, unit: '% of a core', bar: { atMost: 1 } };
}

async function connectAll(port: number, many: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < many) {
    const some = Array.from({ length: Math.min(500, many - sockets.length) }, () => connect(port, '127.0.0.1'));
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    for (const socket of some) socket.write(NOW);
    await Promise.all(some.map((socket) => once(socket, 'data')));
    sockets.push(...some);
  }
  return sockets;
}

async function askAll(sockets: readonly Socket[]): Promise<void> {
  for (const [index, socket] of sockets.entries()) {
    socket.write(GET_WORK);
    if (index % 500 === 0) await sleep(5);
  }
}
