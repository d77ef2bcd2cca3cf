import type { Bench } from '../harness/bench.js';
import type { Row } from '../report/row.js';
import { figure } from '../report/row.js';
import type { Scenario } from './scenario.js';

const WEIGHTS: Readonly<Record<string, number>> = { light: 1, middle: 2, heavy: 5 };
const WORKERS = 64;
const HOLD_MS: readonly [number, number] = [20, 40];
const SECONDS = 60;
const WARMUP = 2;

export const fairness: Scenario = {
  name: 'memory-fairness',
  title: 'Memory: pending work by weight, 1:2:5, 64 workers, units of 20–40 ms, 60 s',
  run: (bench) => fairnessRows(bench, []),
};

/** How far the average number of pending units of each spec is from its share by weight. */
export async function fairnessRows(bench: Bench, flags: readonly string[]): Promise<Row[]> {
  const daemon = await bench.daemon(flags);
  const { port } = daemon;
  const total = Object.values(WEIGHTS).reduce((sum, weight) => sum + weight);
  await bench.control(daemon, (control) =>
    control.setWorkSpecs(...Object.entries(WEIGHTS).map(([name, weight]) => ({ name, weight }))),
  );
  const finished = (WORKERS / (HOLD_MS[0] / 1000)) * (SECONDS + WARMUP);
  for (const [spec, weight] of Object.entries(WEIGHTS)) {
    const units = Math.ceil((finished * weight) / total / 1000) * 1000;
    await bench.fill(daemon, { spec, prefix: `${spec}-`, total: units });
  }
  bench.say(`${WORKERS} workers for ${SECONDS} s`);
  const { held } = await bench.load({
    groups: [{ mode: 'hold', port, connections: WORKERS, hold: HOLD_MS.join(':') }],
    seconds: SECONDS,
    warmup: WARMUP,
  });
  const all = Object.values(held).reduce((sum, { mean }) => sum + mean, 0);
  return Object.entries(WEIGHTS).map(([name, weight]) => {
    const share = (held[name]?.mean ?? 0) / all;
    const fair = weight / total;
    return {
      what: `weight ${weight}: distance of its share of pending work from ${figure(fair)}`,
      value: Math.abs(share / fair - 1) * 100,
      unit: '%',
      bar: { atMost: 5 },
      note: `${figure(held[name]?.mean ?? 0)} pending on average`,
    };
  });
}
