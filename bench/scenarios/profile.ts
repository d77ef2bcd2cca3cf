import type { LoadMode } from '../harness/load.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../harness/bench.js';
import { readStages } from '../profile/cpu-profile.js';
import { figure, type Row } from '../report/row.js';
import type { Scenario } from './scenario.js';

const UNITS = 300_000;
const CONNECTIONS = 64;
const INTERVAL_US = 250;
const SHOWN_FUNCTIONS = 30;

export const profile: Scenario = {
  name: 'profile',
  title: 'Memory: where the time of an RPC goes, by --cpu-prof',
  askedFor: true,
  run: (bench) => profileOf(bench, 'recycle', 'RPC'),
};

export const profileRest: Scenario = {
  name: 'profile-rest',
  title: 'REST: where the time of request_attempts and finish goes, by --cpu-prof',
  askedFor: true,
  run: (bench) => profileOf(bench, 'rest-cycle', 'request'),
};

async function profileOf(bench: Bench, mode: LoadMode, unit: string): Promise<Row[]> {
  const isRest = mode.startsWith('rest-');
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-profile-'));
  try {
    const daemon = await bench.daemon([], {
      http: isRest,
      nodeFlags: ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-interval', String(INTERVAL_US)],
    });
    await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
    await bench.fill(daemon, { total: UNITS });
    const result = await bench.load({
      groups: [{ mode, port: isRest ? daemon.httpPort : daemon.port, connections: CONNECTIONS }],
      seconds: bench.options.seconds,
      warmup: bench.options.warmup,
      watch: { daemon: () => [daemon.pid] },
    });
    await bench.stop(daemon);
    const { stages, functions } = readStages(folder, result.beganAt / 1000, result.endedAt / 1000);
    const { requests } = result.groups[0];
    // The profiler sees time, also what others had the processor for: CPU time says how much of it was the daemon's.
    const seen = Object.entries(stages).reduce((sum, [stage, micros]) => sum + (stage === 'waiting' ? 0 : micros), 0);
    const scale = Math.min(1, (result.watched.daemon * 1e6) / seen);
    for (const { name, micros } of functions.slice(0, SHOWN_FUNCTIONS)) {
      bench.say(`${figure((micros * scale) / requests).padStart(8)} µs  ${name}`);
    }
    const rows: Row[] = Object.entries(stages)
      .filter(([stage]) => stage !== 'waiting')
      .sort((a, b) => b[1] - a[1])
      .map(([stage, micros]) => ({ what: stage, value: (micros * scale) / requests, unit: `µs per ${unit}` }));
    const total = (result.watched.daemon * 1e6) / requests;
    return [{ what: 'all', value: total, unit: `µs per ${unit}`, latency: result.groups[0].latency }, ...rows];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
