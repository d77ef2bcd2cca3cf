import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Server } from '../harness/server.js';
import { stageAt } from './stages.js';
import { type StageTimes, TimeByStage } from './stage-times.js';
import { readV8Log } from './v8-log.js';

/** Samples per second of CPU time: not a divisor of what the daemon does by the clock. */
const FREQUENCY = 1999;

const V8_LOG = 'v8.log';
/** What node needs for its functions to be found in samples: it writes down where it puts their code, and runs as ever. */
export const PERF_FLAGS: readonly string[] = [
  '--log-code',
  '--log-source-position',
  '--no-logfile-per-isolate',
  `--logfile=${V8_LOG}`,
];

/** Whether perf is there and may look into the kernel. */
export function perfWorks(): boolean {
  const probe = spawnSync('perf', ['record', '-q', '-g', '-e', 'cpu-clock', '-o', '/dev/null', 'true']);
  return probe.status === 0 && !/kernel/i.test(probe.stderr.toString());
}

/** Samples a process, by the CPU time it takes in all its threads and in the kernel, until it is stopped. */
export class PerfRecording {
  private readonly child: ChildProcess;
  /** About when, in nanoseconds of the monotonic clock. */
  private readonly logBegan: number;

  constructor(
    { pid, startedAt }: Server,
    private readonly folder: string,
  ) {
    const clock = ['-e', 'cpu-clock', '-F', String(FREQUENCY), '-k', 'CLOCK_MONOTONIC'];
    const args = ['record', '-q', '-g', ...clock, '-p', String(pid), '-o', this.data];
    this.logBegan = startedAt * 1e6;
    this.child = spawn('perf', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  }

  private get data(): string {
    return join(this.folder, 'perf.data');
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await ended;
  }

  /** Sorts the samples between two moments of the monotonic clock, in nanoseconds, by stage. */
  async read(from: number, to: number): Promise<StageTimes> {
    const codes = readV8Log(readFileSync(join(this.folder, V8_LOG), 'latin1'));
    const times = new TimeByStage();
    const period = 1e6 / FREQUENCY;
    for await (const { moment, frames } of samplesIn(this.data)) {
      if (moment < from || moment > to) continue;
      const places = frames.flatMap(({ address, place }) => {
        const functions = codes.find(address, (moment - this.logBegan) / 1000);
        return functions.length > 0 ? functions : [place];
      });
      times.add(places.map(stageAt).find((stage) => stage !== undefined) ?? 'other', places[0] ?? 'unknown', period);
    }
    if (times.isEmpty) throw new Error('perf has not seen the process');
    return times.sorted();
  }
}

interface Sample {
  /** In nanoseconds of the monotonic clock. */
  readonly moment: number;
  /** From the innermost outwards. */
  readonly frames: { readonly address: number; readonly place: string }[];
}

/** Reads what `perf script` makes of the samples: a line with the time, one for each frame, and an empty one. */
async function* samplesIn(data: string): AsyncGenerator<Sample> {
  const script = spawn('perf', ['script', '-i', data, '--ns', '-F', 'time,ip,sym,dso'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let sample: Sample | undefined;
  for await (const line of createInterface(script.stdout)) {
    const frame = /^\s+([0-9a-f]+) (.*) \((.*)\)$/.exec(line);
    if (frame) {
      sample?.frames.push({ address: parseInt(frame[1], 16), place: `${frame[2]} ${frame[3]}` });
      continue;
    }
    if (sample) yield sample;
    const time = /^\s*(\d+)\.(\d{9}):/.exec(line);
    sample = time ? { moment: Number(time[1]) * 1e9 + Number(time[2]), frames: [] } : undefined;
  }
  if (sample) yield sample;
}
