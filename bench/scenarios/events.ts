import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Bench } from '../harness/bench.js';
import type { Server } from '../harness/server.js';
import { median, type Row } from '../report/row.js';
import { count, type Scenario } from './scenario.js';

const UNITS = 100_000;
const STREAMS = 1_000;
const SPECS = 5_000;
/** How often the overview is asked for. */
const LOOKS = 20;
const PATH = '/namespace/-';

/**
 * What those who look on cost: a daemon under full load with streams of events open, against the same one without; and the
 * overview of very many work specs. Of a load on as many connections the CPU per request is compared, for the load generator
 * and the readers of the streams need processors too.
 */
export const events: Scenario = {
  name: 'events',
  title: `Memory: ${count(STREAMS)} open streams of events; an overview of ${count(SPECS)} work specs`,
  units: UNITS,
  run: async (bench) => [...(await streamRows(bench)), await overviewRow(bench, 'memory', [])],
};

export const postgresEvents: Scenario = {
  name: 'postgres-events',
  title: `PostgreSQL: an overview of ${count(SPECS)} work specs`,
  async run(bench) {
    const database = await bench.database();
    const url = await database.create();
    const row = await overviewRow(bench, 'PostgreSQL', ['-backend', url]);
    await bench.stopAll();
    await database.drop(url);
    return [row];
  },
};

async function streamRows(bench: Bench): Promise<Row[]> {
  const daemon = await bench.filledDaemon(UNITS, [], { http: true });
  const drive = () => bench.sample(daemon, { mode: 'recycle', connections: 64 });
  const alone: number[] = [];
  const watched: number[] = [];
  for (let round = 0; round < bench.options.rounds; round++) {
    alone.push((await drive()).cpu.daemon);
    const streams = await Promise.all(Array.from({ length: STREAMS }, () => listen(daemon)));
    watched.push((await drive()).cpu.daemon);
    for (const stream of streams) stream.destroy();
    bench.say(`round ${round + 1}: ${watched[round].toFixed(2)} against ${alone[round].toFixed(2)} µs`);
  }
  const rounds = watched.map((cost, round) => cost / alone[round]);
  return [
    { what: 'recycle, 64 connections, nobody listens', value: median(alone), unit: 'µs of CPU per RPC' },
    {
      what: `the same, ${count(STREAMS)} listen`,
      value: median(watched),
      unit: 'µs of CPU per RPC',
      ratio: { value: median(rounds), of: 'nobody listens', rounds },
      bar: { atMost: 1.05 },
    },
  ];
}

/** Opens a stream of events, and reads it as it comes. */
async function listen({ httpPort }: Server): Promise<Socket> {
  const socket = connect(httpPort, '127.0.0.1');
  socket.write(`GET ${PATH}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(socket, 'data');
  socket.resume();
  return socket;
}

async function overviewRow(bench: Bench, backend: string, flags: readonly string[]): Promise<Row> {
  const daemon = await bench.daemon(flags, { http: true });
  bench.say(`making ${count(SPECS)} work specs`);
  await bench.control(daemon, (control) =>
    control.setWorkSpecs(...Array.from({ length: SPECS }, (_, index) => ({ name: `spec-${index}` }))),
  );
  const url = `http://127.0.0.1:${daemon.httpPort}${PATH}`;
  // Some are at work, most are not.
  for (let index = 0; index < SPECS; index += 10) {
    const body = JSON.stringify({ work_units: [{ name: 'a' }, { name: 'b' }] });
    await fetch(`${url}/work_spec/spec-${index}/add`, { method: 'POST', body });
  }
  const took: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const begun = performance.now();
    const answer = await fetch(`${url}/overview`);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the overview is ${answer.status}`);
    took.push(performance.now() - begun);
  }
  return {
    what: `${backend}: overview of ${count(SPECS)} work specs, a tenth of them with units`,
    value: median(took),
    unit: 'ms',
    bar: { atMost: 100 },
  };
}
