import type { Coordinate } from 'coordinate-client';
import { UsageError } from '../errors.js';
import type { Command } from '../table/command.js';
import { type Completion, completionOf, SCRIPTS } from '../table/completion.js';

/** Whoever types waits for no daemon. */
const ASK_MS = 1_000;
const MOST_NAMES = 1_000;

/** @param commands all of them, of which this is one */
export function completionCommands(commands: () => readonly Command[]): readonly Command[] {
  const completion: Command = {
    words: 'completion',
    about: 'Writes what bash, zsh or fish completes commands, options and names by.',
    takes: 'SHELL',
    more: 'In bash: `source <(coordinate completion bash)`, in ~/.bashrc to have it always.',
    examples: [
      'completion bash >/etc/bash_completion.d/coordinate',
      'completion fish >~/.config/fish/completions/coordinate.fish',
    ],
    async run({ out }, args) {
      if (!Object.hasOwn(SCRIPTS, args.first))
        throw new UsageError(`completion is for ${Object.keys(SCRIPTS).join(', ')}`);
      await out.line(SCRIPTS[args.first].trimEnd());
    },
  };
  const complete: Command = {
    words: 'complete',
    about: 'Says what may stand for the last of some words.',
    takes: '-- COMMAND…',
    isHidden: true,
    async run({ coordinate, out }, args) {
      const { words, names } = completionOf(args.after, commands());
      const known = names === undefined ? [] : await namesOf(coordinate, names);
      const begun = args.after.at(-1) ?? '';
      await out.names([...words, ...known.filter((name) => name.startsWith(begun))]);
    },
  };
  return [completion, complete];
}

async function namesOf(coordinate: Coordinate, what: NonNullable<Completion['names']>): Promise<string[]> {
  const options = { timeout: ASK_MS, limit: MOST_NAMES };
  const found: string[] = [];
  try {
    if (what === 'SPEC') for await (const name of coordinate.specs(options)) found.push(name);
    else if (what === 'NAMESPACE') for await (const name of coordinate.namespaces(options)) found.push(name);
    else
      for await (const { name } of coordinate.workers({ ...options, active: true }))
        if (typeof name === 'string') found.push(name);
  } catch {
    // There is no place to say it.
  }
  return found;
}
