import type { Row } from '../report/row.js';
import { median } from '../report/row.js';
import { topUp } from './memory-throughput.js';
import { count, type Scenario } from './scenario.js';

const SEGMENT_S = 20;
const UNITS = 600_000;
const KEPT = 100_000;
const CONNECTIONS = 800;

export const soak: Scenario = {
  name: 'soak',
  title: `Memory: ten minutes at full load, ${count(KEPT)} finished units kept`,
  askedFor: true,
  async run(bench) {
    const daemon = await bench.filledDaemon(UNITS, ['-retain-finished', String(KEPT)]);
    const segments = Math.max(5, Math.round((bench.options.minutes * 60) / SEGMENT_S));
    const memory: number[] = [];
    const rates: number[] = [];
    const waits: number[] = [];
    let next = UNITS;
    for (let segment = 0; segment < segments; segment++) {
      const result = await bench.load({
        groups: [{ mode: 'cycle', port: daemon.port, connections: CONNECTIONS, worker: 'soak' }],
        seconds: SEGMENT_S,
        warmup: 1,
      });
      next += await topUp(bench, daemon, UNITS, next);
      memory.push(daemon.memory / 2 ** 20);
      rates.push(result.groups[0].requests / result.seconds);
      waits.push(result.groups[0].latency.max);
      bench.say(
        `${(segment + 1) * SEGMENT_S} s: ${count(Math.round(rates[segment]))} RPC/s, ${Math.round(memory[segment])} MiB`,
      );
    }
    const fifth = Math.floor(segments / 5);
    const early = median(memory.slice(fifth, 2 * fifth));
    const late = median(memory.slice(-fifth));
    const rows: Row[] = [
      {
        what: 'memory of the last fifth of the time against the second',
        value: late / early,
        unit: '×',
        bar: { atMost: 1.05 },
      },
      { what: 'largest memory', value: Math.max(...memory), unit: 'MiB' },
      { what: 'rate of the slowest against the median segment', value: Math.min(...rates) / median(rates), unit: '×' },
      { what: 'median rate', value: median(rates), unit: 'RPC/s' },
      { what: 'longest wait', value: Math.max(...waits), unit: 'ms' },
    ];
    return rows;
  },
};
