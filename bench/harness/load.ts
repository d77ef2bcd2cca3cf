import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { LoadTool } from './load-tool.js';
import { cpuSeconds } from './processes.js';

export type LoadMode =
  | 'now'
  | 'meta'
  | 'counts'
  | 'window'
  | 'poll'
  | 'reconnect'
  | 'claim'
  | 'cycle'
  | 'recycle'
  | 'fail'
  | 'fail-why'
  | 'finish-why'
  | 'chain'
  | 'hold'
  | 'fill'
  | 'rest-cycle'
  | 'rest-summary'
  | 'rest-window'
  | 'rest-failed'
  | 'rest-failures'
  | 'rest-cause';

/** Connections that do the same; bench/load/load.c says what the options mean. */
export interface LoadGroup {
  readonly mode: LoadMode;
  readonly port: number;
  readonly connections?: number;
  /** The work spec that is filled or asked about. */
  readonly spec?: string;
  /** The only work spec to claim from. */
  readonly names?: string;
  /** Units per call; for a window its length. */
  readonly batch?: number;
  /** Seconds. */
  readonly lease?: number;
  /** Milliseconds between two requests of a connection; absent: each as soon as the last is answered. */
  readonly every?: number;
  /** Milliseconds that a unit is held, `min:max`. */
  readonly hold?: string;
  /** Units to add or to claim in all, or the range that windows begin in. */
  readonly total?: number;
  readonly first?: number;
  readonly prefix?: string;
  /** What the names of the workers begin with; by default they are new ones in each run. */
  readonly worker?: string;
  /** Bytes of data per unit. */
  readonly size?: number;
  /** A new connection after so many requests; absent: never. */
  readonly reconnect?: number;
  readonly fixedReply?: boolean;
}

export interface LoadRun {
  readonly groups: readonly LoadGroup[];
  /** At most so long. */
  readonly seconds: number;
  readonly warmup?: number;
  /** Over as soon as everything is added or claimed. */
  readonly untilDone?: boolean;
  /** Processes whose CPU time counts, by what to call them. */
  readonly watch?: Readonly<Record<string, () => readonly number[]>>;
}

/** Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** When in the window, in seconds, the slowest was answered. */
  readonly maxAt: number;
  /** How many took more than 50 ms. */
  readonly over50: number;
  readonly curve: readonly (readonly [share: number, ms: number])[];
}

export interface GroupResult {
  readonly mode: LoadMode;
  readonly connections: number;
  readonly requests: number;
  readonly cycles: number;
  readonly empty: number;
  /** Units handed out while somebody had them, or after they were finished. */
  readonly duplicates: number;
  /** Units added or claimed. */
  readonly units: number;
  readonly doneAt: number;
  readonly latency: Latency;
}

export interface LoadResult {
  readonly seconds: number;
  /** CPU seconds of the load generator within the window. */
  readonly cpu: number;
  /** The longest that the load generator was busy between two looks at its sockets, in milliseconds. */
  readonly stall: number;
  readonly groups: readonly GroupResult[];
  /** Units of each work spec: how often claimed, and how many were held on average. */
  readonly held: Readonly<Record<string, { readonly claimed: number; readonly mean: number }>>;
  /** When the window began and ended, in nanoseconds of the monotonic clock. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** CPU seconds of the watched processes within the window. */
  readonly watched: Readonly<Record<string, number>>;
}

type LoadEvent = { event: 'begin' } | { event: 'end' } | ({ event: 'result' } & Omit<LoadResult, 'watched'>);

/** Runs the load generator. @throws Error when an answer was not as it should be */
export async function runLoad(tool: LoadTool, run: LoadRun): Promise<LoadResult> {
  const child = spawn(tool.command, [...tool.args, ...argumentsOf(run)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => (complaint += text));
  const watch = Object.entries(run.watch ?? {});
  const watched: Record<string, number> = {};
  let result: LoadResult | undefined;
  createInterface(child.stdout).on('line', (line) => {
    const event = JSON.parse(line) as LoadEvent;
    if (event.event === 'result') result = { ...event, watched };
    for (const [name, find] of watch) {
      if (event.event === 'begin') watched[name] = -cpuOf(find());
      else if (event.event === 'end') watched[name] += cpuOf(find());
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 || !result) throw new Error(`the load generator ended with ${code}: ${complaint.trim()}`);
  const duplicates = result.groups.reduce((sum, group) => sum + group.duplicates, 0);
  if (duplicates > 0) throw new Error(`${duplicates} units were handed out twice`);
  return result;
}

function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

function argumentsOf(run: LoadRun): string[] {
  const args = [`seconds=${run.seconds}`, `warmup=${run.warmup ?? 0}`];
  if (run.untilDone) args.push('until=done');
  for (const { mode, fixedReply, ...options } of run.groups) {
    args.push(`mode=${mode}`);
    for (const [name, value] of Object.entries(options)) if (value !== undefined) args.push(`${name}=${value}`);
    if (fixedReply) args.push('fixed-reply');
  }
  return args;
}
