/** What a Dockerfile says, for as much of the language as this project uses; anything else is an error. */

export interface Copy {
  readonly kind: 'copy';
  /** The stage that is copied from; undefined: the build context. */
  readonly from?: string;
  readonly sources: readonly string[];
  readonly destination: string;
}

export type Step =
  | Copy
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'env'; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number };

export interface Stage {
  /** The last stage need have none. */
  readonly name?: string;
  /** An image, or the name of an earlier stage. */
  readonly from: string;
  readonly steps: readonly Step[];
  /** Of these the last one counts. */
  readonly ports: readonly number[];
  readonly entrypoint?: readonly string[];
  readonly healthcheck?: readonly string[];
  readonly stopSignal?: string;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type OpenStage = Mutable<Stage> & { steps: Step[] };

/** @returns its stages in order; @throws Error naming an instruction that this cannot read */
export function parseDockerfile(text: string): Stage[] {
  const stages: OpenStage[] = [];
  for (const line of logicalLines(text)) {
    const [, instruction, rest] = /^(\S+)\s+(.*)$/s.exec(line) ?? [];
    if (instruction === undefined) throw new Error(`not an instruction: ${line}`);
    if (instruction === 'FROM') {
      const [, from, name] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      if (from === undefined) throw new Error(`cannot read: ${line}`);
      stages.push({ from, name, steps: [], ports: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`before the first FROM: ${line}`);
      addInstruction(stage, instruction, rest);
    }
  }
  return stages;
}

function addInstruction(stage: OpenStage, instruction: string, rest: string): void {
  switch (instruction) {
    case 'COPY':
      stage.steps.push(parseCopy(rest));
      break;
    case 'RUN':
      if (/^(--|\[|<<)/.test(rest)) throw new Error(`only plain commands: RUN ${rest}`);
      stage.steps.push({ kind: 'run', command: rest });
      break;
    case 'WORKDIR':
      stage.steps.push({ kind: 'workdir', path: rest });
      break;
    case 'ENV':
      stage.steps.push({ kind: 'env', variables: parseAssignments(rest) });
      break;
    case 'USER': {
      const [, uid, gid] = /^(\d+):(\d+)$/.exec(rest) ?? [];
      if (uid === undefined) throw new Error(`a user and a group by number: USER ${rest}`);
      stage.steps.push({ kind: 'user', uid: Number(uid), gid: Number(gid) });
      break;
    }
    case 'EXPOSE':
      stage.ports = rest.split(/\s+/).map(Number);
      break;
    case 'ENTRYPOINT':
      stage.entrypoint = parseExec(rest);
      break;
    case 'HEALTHCHECK':
      stage.healthcheck = parseExec(rest.replace(/^(--\S+\s+)*CMD\s+/, ''));
      break;
    case 'STOPSIGNAL':
      stage.stopSignal = rest;
      break;
    case 'LABEL':
      parseAssignments(rest);
      break;
    default:
      throw new Error(`not understood here: ${instruction} ${rest}`);
  }
}

/** Lines without comments, those that end in a backslash joined to the next. */
function logicalLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n');
}

function parseCopy(rest: string): Copy {
  const [, from, paths] = /^(?:--from=(\S+)\s+)?(\S+(?:\s+\S+)+)$/.exec(rest) ?? [];
  if (paths === undefined || paths.startsWith('--')) throw new Error(`cannot read: COPY ${rest}`);
  const sources = paths.split(/\s+/);
  const destination = sources.pop()!;
  return { kind: 'copy', from, sources, destination };
}

/** `A=1 B="two words"` */
function parseAssignments(rest: string): Record<string, string> {
  const assignment = /\s*([^\s=]+)=("[^"$\\]*"|[^\s"$\\]*)(?=\s|$)/y;
  const variables: Record<string, string> = {};
  while (assignment.lastIndex < rest.length) {
    const at = assignment.lastIndex;
    const [, name, value] = assignment.exec(rest) ?? [];
    if (name === undefined) throw new Error(`cannot read: ${rest.slice(at)}`);
    variables[name] = value.replaceAll('"', '');
  }
  return variables;
}

/** `["program", "argument"]`: a form without a shell, so that the program itself gets the signals. */
function parseExec(rest: string): string[] {
  const value: unknown = JSON.parse(rest);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new Error(`cannot read: ${rest}`);
  return value;
}
