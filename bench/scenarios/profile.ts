import type { LoadMode } from '../harness/load.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../harness/bench.js';
import type { Server } from '../harness/server.js';
import { readStages } from '../profile/cpu-profile.js';
import { PERF_FLAGS, PerfRecording, perfWorks } from '../profile/perf.js';
import type { StageTimes } from '../profile/stage-times.js';
import { figure, type Row } from '../report/row.js';
import { MILLION, type Scenario } from './scenario.js';

const INTERVAL_US = 250;
const SHOWN_FUNCTIONS = 30;

export const profile: Scenario = {
  name: 'profile',
  title: 'Memory: where the time of an RPC goes, recycle, 64 connections',
  askedFor: true,
  run: (bench) => profileOf(bench, { mode: 'recycle', connections: 64, units: 300_000 }),
};

export const profileCycle: Scenario = {
  name: 'profile-cycle',
  title: 'Memory: where the time of an RPC goes, cycle, 800 connections',
  askedFor: true,
  units: MILLION,
  run: (bench) => profileOf(bench, { mode: 'cycle', connections: 800, units: MILLION }),
};

export const profileRest: Scenario = {
  name: 'profile-rest',
  title: 'REST: where the time of request_attempts and finish goes',
  askedFor: true,
  run: (bench) => profileOf(bench, { mode: 'rest-cycle', connections: 64, units: 300_000 }),
};

/** How a process is sampled. */
interface Sampler {
  /** What node is to be started with. */
  readonly flags: readonly string[];
  /** Whether it sees all threads; else those of the main one's alone. */
  readonly whole: boolean;
  /** Begins, where that is not done by the flags. */
  begin(server: Server): { stop(): Promise<void>; read(from: number, to: number): Promise<StageTimes> };
}

/** By perf, which sees the kernel and Node's own code; by V8's profiler where perf is missing or may not look. */
function samplerIn(bench: Bench, folder: string): Sampler {
  if (perfWorks()) {
    return { flags: PERF_FLAGS, whole: true, begin: (server) => new PerfRecording(server, folder) };
  }
  bench.say(
    'perf is not there, or not allowed to look into the kernel: by --cpu-prof, which lays too much on system calls',
  );
  return {
    flags: ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-interval', String(INTERVAL_US)],
    whole: false,
    begin: (server) => ({
      stop: () => bench.stop(server),
      read: (from, to) => Promise.resolve(readStages(folder, from / 1000, to / 1000)),
    }),
  };
}

async function profileOf(
  bench: Bench,
  { mode, connections, units }: { mode: LoadMode; connections: number; units: number },
): Promise<Row[]> {
  const isRest = mode.startsWith('rest-');
  const unit = isRest ? 'request' : 'RPC';
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-profile-'));
  try {
    const sampler = samplerIn(bench, folder);
    const daemon = await bench.daemon([], { http: isRest, nodeFlags: sampler.flags, folder });
    await bench.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
    await bench.fill(daemon, { total: units });
    const recording = sampler.begin(daemon);
    const result = await bench.load({
      groups: [{ mode, port: isRest ? daemon.httpPort : daemon.port, connections }],
      seconds: bench.options.seconds,
      warmup: bench.options.warmup,
      watch: { daemon: () => [daemon.pid] },
    });
    await recording.stop();
    const { stages, functions } = await recording.read(result.beganAt, result.endedAt);
    const { requests } = result.groups[0];
    // Samples say what shares of the time there are; how much CPU time it was in all, the kernel counts.
    const seen = Object.entries(stages).reduce((sum, [stage, micros]) => sum + (stage === 'waiting' ? 0 : micros), 0);
    const share = (result.watched.daemon * 1e6) / seen;
    const scale = (sampler.whole ? share : Math.min(1, share)) / requests;
    for (const { name, micros } of functions.slice(0, SHOWN_FUNCTIONS)) {
      bench.say(`${figure(micros * scale).padStart(8)} µs  ${name}`);
    }
    const rows: Row[] = Object.entries(stages)
      .filter(([stage]) => stage !== 'waiting')
      .sort((a, b) => b[1] - a[1])
      .map(([stage, micros]) => ({ what: stage, value: micros * scale, unit: `µs per ${unit}` }));
    const total = (result.watched.daemon * 1e6) / requests;
    return [{ what: 'all', value: total, unit: `µs per ${unit}`, latency: result.groups[0].latency }, ...rows];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
