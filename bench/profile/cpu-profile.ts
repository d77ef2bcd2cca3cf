import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stageAt } from './stages.js';
import { type StageTimes, TimeByStage } from './stage-times.js';

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

/** Reads the profile that a process has left in a folder and sorts the samples between two moments by stage. */
export function readStages(folder: string, fromMicros: number, toMicros: number): StageTimes {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile in ${folder}`);
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const stageOf = stagesOfNodes(profile.nodes, nodes);
  const times = new TimeByStage();
  let time = profile.startTime;
  profile.samples.forEach((id, index) => {
    time += profile.timeDeltas[index];
    if (time < fromMicros || time > toMicros) return;
    const micros = profile.timeDeltas[index + 1] ?? 0;
    times.add(stageOf.get(id)!, describe(nodes.get(id)!.callFrame), micros);
  });
  return times.sorted();
}

function stagesOfNodes(list: readonly ProfileNode[], nodes: ReadonlyMap<number, ProfileNode>): Map<number, string> {
  const stages = new Map<number, string>();
  const visit = (node: ProfileNode, inherited: string) => {
    const place = `${node.callFrame.functionName} ${node.callFrame.url}`;
    const stage = stageAt(place) ?? inherited;
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
