import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Time spent in one function, calls from it left out. */
export interface FunctionTime {
  readonly name: string;
  readonly micros: number;
}

export interface StageTimes {
  /** Microseconds by stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** The longest first. */
  readonly functions: readonly FunctionTime[];
}

/**
 * The stages that a request goes through, and what belongs to each, by where a function lies. The first that fits counts;
 * a native function without a place of its own belongs to whoever called it.
 */
const STAGES: readonly (readonly [stage: string, place: RegExp])[] = [
  ['waiting', /^\(idle\)/],
  ['collector', /^\(garbage collector\)/],
  ['system: epoll, read, accept', /^\(program\)/],
  ['encode', /\/cbor\/(writer|values|encoded)\.js|\/cbor-rpc\/response-writer\.js|cbor\.[a-z]*encode/],
  ['walk', /\/cbor\/|\/cbor-rpc\/(params\/|request\.js)/],
  ['node:http', /node:_http|node:internal\/(http|url)/],
  ['framework', /\/node_modules\/(@?fastify|@nestjs|find-my-way|rxjs|avvio|light-my-request)/],
  ['dispatch', /\/cbor-rpc\/|\.service\.js|\/rest\/|\.controller\.js/],
  ['model', /\/(storage|domain|scheduler|locks)\//],
  ['write', /node:internal\/streams\/(writable|duplex)|write|Write|node:net.*(write|Write)/],
  ['read', /node:(net|internal\/(streams|stream_base_commons|js_stream)|events)|onStreamRead/],
];

/** Reads the profile that a process has left in a folder and sorts the samples between two moments by stage. */
export function readStages(folder: string, fromMicros: number, toMicros: number): StageTimes {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile in ${folder}`);
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const stageOf = stagesOfNodes(profile.nodes, nodes);
  const stages: Record<string, number> = {};
  const functions = new Map<string, number>();
  let time = profile.startTime;
  profile.samples.forEach((id, index) => {
    time += profile.timeDeltas[index];
    if (time < fromMicros || time > toMicros) return;
    const micros = profile.timeDeltas[index + 1] ?? 0;
    const stage = stageOf.get(id)!;
    stages[stage] = (stages[stage] ?? 0) + micros;
    const name = describe(nodes.get(id)!.callFrame);
    functions.set(name, (functions.get(name) ?? 0) + micros);
  });
  const sorted = [...functions].sort((a, b) => b[1] - a[1]).map(([name, micros]) => ({ name, micros }));
  return { stages, functions: sorted };
}

function stagesOfNodes(list: readonly ProfileNode[], nodes: ReadonlyMap<number, ProfileNode>): Map<number, string> {
  const stages = new Map<number, string>();
  const visit = (node: ProfileNode, inherited: string) => {
    const place = `${node.callFrame.functionName} ${node.callFrame.url}`;
    const stage = STAGES.find(([, pattern]) => pattern.test(place))?.[0] ?? inherited;
    stages.set(node.id, stage);
    for (const child of node.children ?? []) visit(nodes.get(child)!, stage);
  };
  visit(list[0], 'other');
  return stages;
}

function describe({ functionName, url, lineNumber }: CallFrame): string {
  const file = url.replace(/^.*\/dist\//, '');
  return file === '' ? functionName : `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
