import { CborRpcClient, type RpcMethod } from 'coordinate-client';

/**
 * The load generator for machines without a C compiler: the options, modes and output of load.c, as far as Node can do
 * them. It costs more CPU than the server that it drives, so that rates say what it can do, not what the server can.
 */
type Options = Record<string, string>;
type Params = readonly unknown[];
type Name = Uint8Array | string;

/** What a connection does next: a call, and what to make of the result; `again` asks for more work. */
interface Step {
  readonly method: RpcMethod;
  readonly params: Params;
  readonly then?: (result: unknown[]) => Step | undefined;
}

interface Group {
  readonly options: Options;
  readonly connections: number;
  readonly latencies: number[];
  requests: number;
  cycles: number;
  empty: number;
  units: number;
  done: boolean;
  doneAt: number;
  maxAt: number;
}

/** What a unit's report makes of it, by mode. */
const STATUSES: Readonly<Record<string, number>> = { cycle: 4, hold: 4, chain: 4, recycle: 1, fail: 5 };
const { run, groups } = readArguments(process.argv.slice(2));
const seconds = Number(run.seconds ?? 3);
const warmup = Number(run.warmup ?? 0);
const held = new Map<string, { claimed: number; count: number; unitSeconds: number; since: number }>();
let windowStart = 0;
let over = false;

await main();

async function main(): Promise<void> {
  const clients = await Promise.all(
    groups.flatMap((group, index) =>
      Array.from({ length: group.connections }, (_, number) => open(group, index, number)),
    ),
  );
  for (const work of clients) void work();
  if (warmup > 0) await sleep(warmup * 1000);
  for (const group of groups) {
    Object.assign(group, { requests: 0, cycles: 0, empty: 0 });
    group.latencies.length = 0;
  }
  for (const spec of held.values()) Object.assign(spec, { claimed: 0, unitSeconds: 0, since: performance.now() });
  windowStart = performance.now();
  const cpu = process.cpuUsage();
  const beganAt = Number(process.hrtime.bigint());
  print({ event: 'begin' });
  while (elapsed() < seconds && !(run.until === 'done' && allDone())) await sleep(5);
  const time = elapsed();
  over = true;
  const { user, system } = process.cpuUsage(cpu);
  print({ event: 'end' });
  const spec = ([name, { claimed, unitSeconds }]: [string, { claimed: number; unitSeconds: number }]) => [
    name,
    { claimed, mean: unitSeconds / time },
  ];
  print({
    event: 'result',
    seconds: time,
    cpu: (user + system) / 1e6,
    stall: 0,
    beganAt,
    endedAt: beganAt + time * 1e9,
    groups: groups.map(report),
    held: Object.fromEntries([...held].map(spec)) as object,
  });
  process.exit(0); // answers that are still to come are nobody's any more
}

/** Opens a connection. @returns what works on it until all is over */
async function open(group: Group, index: number, number: number): Promise<() => Promise<void>> {
  const { options } = group;
  const connectTo = () => new CborRpcClient({ address: `127.0.0.1:${options.port}` });
  let client = connectTo();
  await client.call('now');
  const worker = Buffer.from(`${options.worker ?? `w${process.pid}-${index}`}-${number}`);
  const call = async ({ method, params }: Step): Promise<unknown[]> => {
    const begun = performance.now();
    const result: unknown = await client.call(method, ...(params as never));
    const took = performance.now() - begun;
    if (took > (group.latencies.at(-1) ?? 0)) group.maxAt = elapsed();
    group.latencies.push(took);
    group.requests++;
    return Array.isArray(result) ? (result as unknown[]) : [result];
  };
  const work = async (): Promise<void> => {
    while (!over && !group.done) {
      const begun = performance.now();
      for (let step = firstStep(group, worker); step && !over;) {
        const result = await call(step);
        if (options.mode === 'hold') await holdUnit(options, step, result);
        step = step.then?.(result);
      }
      if (options.mode === 'reconnect') {
        client.close();
        client = connectTo();
      }
      const rest = Number(options.every ?? 0) - (performance.now() - begun);
      if (rest > 0) await sleep(rest);
    }
  };
  return () =>
    work().catch((error: unknown) => {
      if (over) return;
      process.stderr.write(`load: ${(error as Error).message}\n`);
      process.exit(1);
    });
}

function firstStep(group: Group, worker: Buffer): Step | undefined {
  const { options } = group;
  const spec = options.spec ?? 'load';
  const batch = Number(options.batch ?? 1);
  const about = (method: RpcMethod): Step => ({ method, params: [spec] });
  switch (options.mode) {
    case 'now':
      return { method: 'now', params: [] };
    case 'meta':
      return about('get_work_spec_meta');
    case 'counts':
      return about('count_work_units');
    case 'window': {
      const start = `unit-${String(Math.floor(Math.random() * Number(options.total ?? 1e6))).padStart(9, '0')}`;
      return { method: 'get_work_units', params: [spec, { state: 5, start, limit: batch }] };
    }
    case 'fill':
      return nextUnits(group, spec, batch);
    case 'rest-cycle':
    case 'rest-summary':
    case 'rest-window':
    case 'rest-failed':
    case 'rest-failures':
    case 'rest-cause':
    case 'fail-why':
    case 'finish-why':
      throw new Error(`${options.mode} needs the load generator in C`);
    default:
      return ask(group, worker, batch);
  }
}

function ask(group: Group, worker: Buffer, batch: number): Step {
  const { mode, lease, names } = group.options;
  const limits = { available_gb: 1, lease_time: Number(lease ?? 300), max_jobs: batch };
  const then = ([value]: unknown[]): Step | undefined => {
    if (mode === 'poll' || mode === 'reconnect') return undefined;
    if (mode === 'claim') {
      const units = batch > 1 ? (value as unknown[]).length : 1;
      group.units += units;
      if (units === 0 || group.units >= Number(group.options.total)) finish(group);
      return undefined;
    }
    const [spec, key] = unitOf(value);
    if (spec !== undefined) return reportStep(group, spec, key);
    group.empty++;
    return undefined;
  };
  return { method: 'get_work', params: [worker, names ? { ...limits, work_spec_names: [names] } : limits], then };
}

function reportStep(group: Group, spec: Name, key: Name): Step {
  const { mode, spec: filled = 'load' } = group.options;
  const chains = mode === 'chain' && spec.toString() === filled;
  const data = chains ? { data: new Map([['output', new Map([[key, new Map()]])]]) } : {};
  const then = ([accepted]: unknown[]): undefined => {
    if (accepted !== true && group.options['fixed-reply'] === undefined) throw new Error('a report was not accepted');
    group.cycles++;
  };
  return { method: 'update_work_unit', params: [spec, key, { status: STATUSES[mode], ...data }], then };
}

function nextUnits(group: Group, spec: string, batch: number): Step | undefined {
  const { prefix = 'unit-', size, first = '0', total = '0' } = group.options;
  const left = Number(total) - group.units;
  if (left <= 0) return void finish(group);
  const units = Array.from({ length: Math.min(batch, left) }, () => {
    const number = Number(first) + group.units++;
    const x = size === undefined ? number : Buffer.alloc(Number(size));
    return [Buffer.from(`${prefix}${String(number).padStart(9, '0')}`), { x }];
  });
  const then = ([added]: unknown[]): undefined => {
    if (added !== true) throw new Error(`units of ${spec} were not added`);
  };
  return { method: 'add_work_units', params: [spec, units], then };
}

/** Keeps a claimed unit for a while, and counts how many of its spec are held. */
async function holdUnit({ hold = '0:0' }: Options, step: Step, [value]: unknown[]): Promise<void> {
  if (step.method === 'update_work_unit') return change((step.params[0] as Name).toString(), -1);
  const [spec] = unitOf(value);
  if (spec === undefined) return;
  change(spec.toString(), 1);
  const [min, max] = hold.split(':').map(Number);
  await sleep(min + Math.random() * (max - min));
}

function change(name: string, by: number): void {
  const spec = held.get(name) ?? { claimed: 0, count: 0, unitSeconds: 0, since: performance.now() };
  held.set(name, spec);
  const now = performance.now();
  spec.unitSeconds += (spec.count * (now - spec.since)) / 1000;
  spec.since = now;
  spec.count += by;
  if (by > 0) spec.claimed++;
}

/** The spec and key of a tuple; undefined when it says that there is no work. */
function unitOf(value: unknown): [spec: Name | undefined, key: Name] {
  const [spec, key] = (Array.isArray((value as unknown[])[0]) ? (value as Name[][])[0] : value) as Name[];
  return [spec ?? undefined, key];
}

function finish(group: Group): void {
  group.done = true;
  group.doneAt = elapsed();
}

function allDone(): boolean {
  return groups.every(({ options, done }) => done || (options.mode !== 'fill' && options.mode !== 'claim'));
}

function report(group: Group) {
  const sorted = Float64Array.from(group.latencies).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const curve: [number, number][] = [];
  for (let above = 1; above * sorted.length >= 0.5 && curve.length < 24; above /= 2)
    curve.push([1 - above, at(1 - above)]);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length);
  const { options, connections, requests, cycles, empty, units, doneAt, maxAt } = group;
  const over50 = sorted.filter((value) => value > 50).length;
  const latency = {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: at(1),
    maxAt,
    over50,
    mean,
    curve,
  };
  const counts = { requests, cycles, empty, units, duplicates: 0 };
  return { mode: options.mode, connections, ...counts, doneAt, latency: { count: sorted.length, ...latency } };
}

function readArguments(args: readonly string[]): { run: Options; groups: Group[] } {
  const general: Options = {};
  const found: Group[] = [];
  let current = general;
  for (const arg of args) {
    const [name, value = ''] = arg.split('=', 2);
    if (name === 'mode') {
      current = {};
      const zeros = { requests: 0, cycles: 0, empty: 0, units: 0, doneAt: 0, maxAt: 0 };
      found.push({ options: current, connections: 1, latencies: [], done: false, ...zeros });
    }
    current[name] = value;
  }
  return {
    run: general,
    groups: found.map((group) => ({ ...group, connections: Number(group.options.connections ?? 1) })),
  };
}

function elapsed(): number {
  return (performance.now() - windowStart) / 1000;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
