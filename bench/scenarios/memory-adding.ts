import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../harness/bench.js';
import type { GroupResult, LoadResult } from '../harness/load.js';
import type { Row } from '../report/row.js';
import { median } from '../report/row.js';
import { count, MILLION, type Scenario } from './scenario.js';

const SETTLE_MS = 10_000;

export const fill: Scenario = {
  name: 'memory-fill',
  title: 'Memory: adding 1,000,000 units, 1,000 a call',
  units: MILLION,
  async run(bench) {
    const rows: Row[] = [];
    for (const connections of [1, 8]) {
      const results: LoadResult[] = [];
      for (let round = 0; round < bench.options.rounds; round++) {
        const daemon = await bench.daemon();
        await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
        results.push(await bench.fill(daemon, { total: MILLION, connections }));
        await bench.stop(daemon);
      }
      rows.push(fillRow(`add_work_units, ${connections} connections`, results, 300_000));
    }
    return rows;
  },
};

/** Units a second, from the median run. */
export function fillRow(what: string, results: readonly LoadResult[], atLeast: number): Row {
  const rateOf = (result: LoadResult) => result.groups[0].units / result.groups[0].doneAt;
  const value = median(results.map(rateOf));
  const chosen = results.find((result) => rateOf(result) === value) ?? results[0];
  const perUnit = (seconds: number) => (seconds * 1e6) / chosen.groups[0].units;
  const cpu = Object.entries(chosen.watched).map(([name, seconds]) => [name, perUnit(seconds)] as const);
  return {
    what,
    value,
    unit: 'units/s',
    bar: { atLeast },
    latency: chosen.groups[0].latency,
    cpu: { ...Object.fromEntries(cpu), load: perUnit(chosen.cpu) },
    note: 'CPU per unit',
  };
}

export const grow: Scenario = {
  name: 'memory-grow',
  title: 'Memory: 1,000,000 to 5,000,000 units being added under load',
  units: 5 * MILLION,
  async run(bench) {
    const daemon = await bench.filledDaemon(MILLION);
    bench.say('adding 4,000,000 more under load');
    const { port } = daemon;
    const result = await bench.load({
      groups: [
        { mode: 'fill', port, batch: 1000, total: 4 * MILLION, first: MILLION },
        { mode: 'recycle', port, connections: 64 },
        { mode: 'now', port, connections: 20, every: 100 },
      ],
      seconds: 300,
      untilDone: true,
      watch: { daemon: () => [daemon.pid] },
    });
    return result.groups.flatMap((group) => waitRows(group, NAMES[group.mode] ?? group.mode, 20));
  },
};

const NAMES: Partial<Record<string, string>> = {
  fill: 'add_work_units of 1,000',
  recycle: 'get_work and update_work_unit, 64 connections',
  now: 'a probe every 5 ms',
};

/** The longest wait of a group, and its p99.9 where that has a bar. */
export function waitRows(group: GroupResult, what: string, p999?: number): Row[] {
  const { latency } = group;
  const note = `${count(latency.count)} requests`;
  const rows: Row[] = [
    { what: `longest wait: ${what}`, value: latency.max, unit: 'ms', bar: { atMost: 50 }, latency, note },
  ];
  if (p999 !== undefined) rows.push({ what: `p99.9: ${what}`, value: latency.p999, unit: 'ms', bar: { atMost: p999 } });
  return rows;
}

export const perUnit: Scenario = {
  name: 'memory-per-unit',
  title: 'Memory: bytes per work unit, 1,000,000 units',
  units: MILLION,
  async run(bench) {
    const daemon = await bench.daemon();
    await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
    const before = daemon.memory;
    await bench.fill(daemon, { total: MILLION });
    await sleep(SETTLE_MS);
    const added = daemon.memory - before;
    await claimAll(bench, daemon.port);
    const held = daemon.memory - before;
    return [
      { what: '(RSS 10 s after − before) / units', value: added / MILLION, unit: 'bytes', bar: { atMost: 400 } },
      { what: 'the same with an attempt at each', value: held / MILLION, unit: 'bytes' },
    ];
  },
};

async function claimAll(bench: Bench, port: number): Promise<void> {
  await bench.load({
    groups: [{ mode: 'claim', port, batch: 1000, total: MILLION, lease: 3600 }],
    seconds: 120,
    untilDone: true,
  });
  await sleep(SETTLE_MS);
}
