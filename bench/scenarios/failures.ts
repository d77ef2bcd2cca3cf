import type { Bench } from '../harness/bench.js';
import { rowOf } from '../harness/bench.js';
import type { LoadMode } from '../harness/load.js';
import type { Server } from '../harness/server.js';
import type { Row } from '../report/row.js';
import { count, MILLION, type Scenario } from './scenario.js';

const CAUSES = 50;
/** Of these, failing and finishing are compared. */
const COMPARED = 200_000;

export const failures: Scenario = {
  name: 'failures-memory',
  title: 'Memory: units that fail by 50 causes, the list of these, and what failed by one',
  run: (bench) => failureRows(bench, [], 10, 10),
};

export const postgresFailures: Scenario = {
  name: 'failures-postgres',
  title: 'PostgreSQL: units that fail by 50 causes, the list of these, and what failed by one',
  run: async (bench) => failureRows(bench, ['-backend', await (await bench.database()).create()], 50, 50),
};

/** @param windowMs how long a window may take, in milliseconds */
async function failureRows(bench: Bench, flags: readonly string[], windowMs: number, listMs: number): Promise<Row[]> {
  const daemon = await bench.daemon(flags, { http: true });
  await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
  const units = Math.min(MILLION, bench.options.maxUnits);
  await bench.fill(daemon, { total: Math.min(COMPARED, units) });
  const [finished, failed] = await bench.interleave(
    (['finish-why', 'fail-why'] as const).map((mode) => async () => {
      await addMissing(bench, daemon, Math.min(COMPARED, units));
      return await bench.sample(daemon, { mode, connections: 64 }, 'cycles');
    }),
  );
  await failAll(bench, daemon, units);
  const { httpPort } = daemon;
  const [{ id, cause }, ...others] = await causesOf(httpPort);
  bench.say(`${count(units)} failed units of ${others.length + 1} causes`);
  const ask = async (what: string, mode: LoadMode, atMost: number): Promise<Row> => {
    const result = await bench.load({
      // The windows begin in the first half, so that each is full.
      groups: [{ mode, port: httpPort, every: 5, prefix: id, total: Math.floor(units / 2), batch: 10 }],
      seconds: bench.options.seconds,
      warmup: bench.options.warmup,
    });
    const [{ latency, empty }] = result.groups;
    if (empty > 0) throw new Error(`${empty} windows were not full`);
    return { what: `longest wait: ${what}`, value: latency.max, unit: 'ms', bar: { atMost }, latency };
  };
  const ratios = failed.map(({ perSecond }, round) => finished[round].perSecond / perSecond);
  const rows = [
    rowOf('cycles that finish with the data of one that failed, 64 connections', finished, { unit: 'units/s' }),
    {
      ...rowOf('cycles that fail with these data', failed, { unit: 'units/s' }),
      note: `${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} × the time of one that finishes`,
    },
    await ask(`the list of ${CAUSES} causes`, 'rest-failures', listMs),
    await ask(`a window of 10 by ${cause}`, 'rest-cause', windowMs),
  ];
  const begun = performance.now();
  const result = await bench.load({
    groups: [
      { mode: 'now', port: daemon.port, every: 1 },
      { mode: 'counts', port: daemon.port, every: 10 },
    ],
    seconds: bench.options.seconds,
    warmup: 0,
    watch: { retry: retrying(httpPort, id) },
  });
  rows.push(
    {
      what: `longest wait of others while all of a cause are retried (${result.groups[1].latency.count} counts)`,
      value: Math.max(...result.groups.map(({ latency }) => latency.max)),
      unit: 'ms',
      bar: { atMost: 50 },
    },
    { what: 'that load', value: (performance.now() - begun) / 1000, unit: 's' },
  );
  return rows;
}

/** Begins to retry when it is first asked which processes to watch: at the beginning of the load. */
function retrying(port: number, id: string): () => readonly number[] {
  let isBegun = false;
  return () => {
    if (!isBegun)
      void fetch(`http://127.0.0.1:${port}/namespace/-/work_spec/load/retry?failure=${id}`, { method: 'POST' });
    isBegun = true;
    return [];
  };
}

async function addMissing(bench: Bench, daemon: Server, wanted: number): Promise<void> {
  const counts = await bench.control(daemon, (control) => control.counts('load'));
  const all = [...counts.values()].reduce((sum, value) => sum + value, 0);
  const missing = wanted - (counts.get(1) ?? 0);
  if (missing > 0) await bench.fill(daemon, { total: missing, first: all });
}

/** Adds and fails until so many are failed, and none is available. */
async function failAll(bench: Bench, daemon: Server, units: number): Promise<void> {
  for (;;) {
    const counts = await bench.control(daemon, (control) => control.counts('load'));
    const missing = units - (counts.get(5) ?? 0);
    if (missing <= 0) return;
    await addMissing(bench, daemon, missing);
    await bench.load({ groups: [{ mode: 'fail-why', port: daemon.port, connections: 64 }], seconds: 10 });
    bench.say(`${count(missing)} units were still to fail`);
  }
}

async function causesOf(port: number): Promise<{ id: string; cause: string }[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/namespace/-/work_spec/load/failures`);
  return ((await answer.json()) as { failures: { id: string; cause: string }[] }).failures;
}
