import { type Options, ROOT } from '../options.js';
import type { Row } from '../report/row.js';
import { median } from '../report/row.js';
import { Control } from './control.js';
import { Database } from './database.js';
import type { GroupResult, LoadGroup, LoadResult, LoadRun } from './load.js';
import { runLoad } from './load.js';
import type { LoadTool } from './load-tool.js';
import { Peers } from './peers.js';
import { Server } from './server.js';

/** Units are added so many a call. */
const FILL_BATCH = 1000;
const FILL_LIMIT_S = 300;

/** A throughput measured once. */
export interface Sample {
  readonly perSecond: number;
  readonly group: GroupResult;
  readonly cpu: Readonly<Record<string, number>>;
}

/** How the daemon is started. */
interface DaemonOptions {
  /** With the REST interface. */
  readonly http?: boolean;
  readonly nodeFlags?: readonly string[];
  /** Where node is to put what it measures. */
  readonly folder?: string;
}

export type Step = 'requests' | 'cycles';

/** What scenarios work with: servers that end with the scenario, load, and comparisons. */
export class Bench {
  readonly peers = new Peers(ROOT);
  private readonly servers: Server[] = [];
  private opened: Promise<Database> | undefined;
  private databaseNow: Database | undefined;

  constructor(
    readonly options: Options,
    private readonly tool: LoadTool,
    /** Tells whoever waits what is going on. */
    readonly say: (line: string) => void,
  ) {}

  /** Starts the daemon with flags such as `-backend`; without HTTP unless `http` is set. */
  async daemon(
    flags: readonly string[] = [],
    { http = false, nodeFlags = [], folder }: DaemonOptions = {},
  ): Promise<Server> {
    const httpFlags = ['-http', http ? '127.0.0.1:0' : 'off'];
    return this.keep(await Server.daemon(this.options.daemon, [...httpFlags, ...flags], nodeFlags, folder));
  }

  /** Starts the bare server of bench/limits/NAME.ts. */
  async limit(name: 'echo' | 'fastify'): Promise<Server> {
    return this.keep(await Server.limit(name));
  }

  /** The PostgreSQL server, started when first asked for. */
  async database(): Promise<Database> {
    this.opened ??= Database.open(this.options.postgres);
    this.databaseNow = await this.opened;
    return this.databaseNow;
  }

  /** The processes of the PostgreSQL server at this moment. */
  readonly databaseProcesses = (): readonly number[] => this.databaseNow?.processes ?? [];

  /** Ends everything that was started. */
  async close(): Promise<void> {
    await this.stopAll();
    await (await this.opened)?.close();
  }

  async stop(server: Server): Promise<void> {
    this.servers.splice(this.servers.indexOf(server), 1);
    await server.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((server) => server.stop()));
  }

  async control<T>(server: Server, act: (control: Control) => Promise<T>): Promise<T> {
    const control = new Control(server.port);
    try {
      return await act(control);
    } finally {
      control.close();
    }
  }

  /** A daemon with one work spec, `load`, of so many units named unit-000000000 and so on, data {x: number}. */
  async filledDaemon(units: number, flags: readonly string[] = [], options?: DaemonOptions): Promise<Server> {
    const daemon = await this.daemon(flags, options);
    await this.control(daemon, (control) => control.setWorkSpecs({ name: 'load' }));
    await this.fill(daemon, { total: units });
    return daemon;
  }

  /** Adds units, 1,000 a call unless `batch` says otherwise. */
  async fill(
    server: Server,
    fill: Partial<LoadGroup> & { total: number },
    watch: LoadRun['watch'] = { daemon: () => [server.pid] },
  ): Promise<LoadResult> {
    this.say(`adding ${fill.total.toLocaleString('en-US')} units`);
    return this.load({
      groups: [{ mode: 'fill', port: server.port, batch: FILL_BATCH, ...fill }],
      seconds: FILL_LIMIT_S,
      untilDone: true,
      watch,
    });
  }

  load(run: LoadRun): Promise<LoadResult> {
    return runLoad(this.tool, run);
  }

  /** Drives a server with one group for the usual time. */
  async sample(
    server: Server,
    group: Omit<LoadGroup, 'port'> & { port?: number },
    step: Step = 'requests',
    watch: LoadRun['watch'] = {},
  ): Promise<Sample> {
    const { seconds, warmup } = this.options;
    const result = await this.load({
      groups: [{ port: server.port, ...group }],
      seconds,
      warmup,
      watch: { daemon: () => [server.pid], ...watch },
    });
    return sampleOf(result, step);
  }

  /** Takes samples of several contenders in turn, `rounds` times. @returns the samples of each */
  async interleave(contenders: readonly (() => Promise<Sample>)[]): Promise<Sample[][]> {
    const samples: Sample[][] = contenders.map(() => []);
    for (let round = 0; round < this.options.rounds; round++) {
      for (let index = 0; index < contenders.length; index++) samples[index].push(await contenders[index]());
      this.say(
        `round ${round + 1}: ${samples.map((taken) => Math.round(taken[round].perSecond)).join(' against ')} a second`,
      );
    }
    return samples;
  }

  private keep(server: Server): Server {
    this.servers.push(server);
    return server;
  }
}

export function sampleOf(result: LoadResult, step: Step): Sample {
  const [group] = result.groups;
  const steps = group[step];
  if (steps === 0) throw new Error('nothing was answered');
  if (group.mode !== 'poll' && group.mode !== 'reconnect' && group.empty > group.requests / 200) {
    throw new Error(`${group.empty} of ${group.requests} requests found no work: the rate would not mean what it says`);
  }
  const micros = (seconds: number) => (seconds * 1e6) / steps;
  const cpu: Record<string, number> = {};
  for (const [name, seconds] of Object.entries(result.watched)) cpu[name] = micros(seconds);
  cpu.load = micros(result.cpu);
  return { perSecond: steps / result.seconds, group, cpu };
}

/** The row of a contender: its median sample, against that of another in the same rounds. */
export function rowOf(
  what: string,
  samples: readonly Sample[],
  details: Pick<Row, 'unit'> & Partial<Row> & { against?: { samples: readonly Sample[]; name: string } },
): Row {
  const { against, ...rest } = details;
  const value = median(samples.map((sample) => sample.perSecond));
  const nearest = [...samples].sort((a, b) => Math.abs(a.perSecond - value) - Math.abs(b.perSecond - value))[0];
  const rounds = against && samples.map((sample, round) => sample.perSecond / against.samples[round].perSecond);
  const ratio = rounds && { value: median(rounds), of: against.name, rounds };
  return { what, value, latency: nearest.group.latency, cpu: nearest.cpu, ...(ratio && { ratio }), ...rest };
}
