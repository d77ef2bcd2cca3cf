import { GLOBAL_OPTIONS } from '../settings/global-options.js';
import type { Command } from './command.js';
import { takenBy } from './command.js';
import { optionsOf } from './parse.js';

/** What may stand for the last of some words; of names, which the daemon knows, only of what they are. */
export interface Completion {
  readonly words: readonly string[];
  readonly names?: 'SPEC' | 'NAMESPACE' | 'WORKER';
}

/** @param words those behind `coordinate`, the last of which is begun */
export function completionOf(words: readonly string[], commands: readonly Command[]): Completion {
  const begun = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const shown = commands.filter(({ isHidden }) => !isHidden);
  const plain = positionals(before, GLOBAL_OPTIONS);
  const command = shown.find((one) =>
    named(one).some((name) => plain.join(' ').startsWith(`${name} `) || plain.join(' ') === name),
  );
  const options = [...GLOBAL_OPTIONS, ...(command ? optionsOf(command) : [])];
  const asked = options.find(({ name, short }) => [`--${name}`, `-${short}`].includes(before.at(-1) ?? ''));
  if (asked?.value !== undefined) return valuesOf(asked, begun);
  if (begun.startsWith('-'))
    return {
      words: starting(
        options.map(({ name }) => `--${name}`),
        begun,
      ),
    };
  if (!command) return { words: starting(wordsAfter(plain, shown), begun) };
  const count = positionals(before, options).length - lengthOf(command, plain);
  const parts = takenBy(command);
  const part = parts[Math.min(count, parts.length - 1)];
  const isNamed = part && (count < parts.length || part.isMany);
  return { words: [], names: isNamed ? NAMES.find((one) => one === part.name) : undefined };
}

const NAMES = ['SPEC', 'NAMESPACE', 'WORKER'] as const;

function valuesOf({ name, choices = [] }: { name: string; choices?: readonly string[] }, begun: string): Completion {
  const names =
    name === 'namespace' ? 'NAMESPACE' : name === 'worker' ? 'WORKER' : name === 'work-spec-name' ? 'SPEC' : undefined;
  return { words: starting(choices, begun), names };
}

/** The next words of commands that begin so. */
function wordsAfter(given: readonly string[], commands: readonly Command[]): string[] {
  const next = commands.flatMap(named).flatMap((name) => {
    const parts = name.split(' ');
    return given.every((word, i) => parts[i] === word) ? (parts[given.length] ?? []) : [];
  });
  return [...new Set(next)].sort();
}

function named({ words, aliases = {} }: Command): string[] {
  return [words, ...Object.keys(aliases)];
}

function lengthOf(command: Command, given: readonly string[]): number {
  const name = named(command).find((one) => given.join(' ').startsWith(one));
  return name?.split(' ').length ?? 0;
}

function positionals(words: readonly string[], options: typeof GLOBAL_OPTIONS): string[] {
  const found: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (!words[i].startsWith('-')) found.push(words[i]);
    else if (options.some(({ name, short, value }) => value && [`--${name}`, `-${short}`].includes(words[i]))) i++;
  }
  return found;
}

function starting(words: readonly string[], begun: string): string[] {
  return words.filter((word) => word.startsWith(begun));
}

/** What a shell reads to complete `coordinate`: it asks the program itself. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_coordinate() {
  local IFS=$'\\n' line
  COMPREPLY=()
  while read -r line; do COMPREPLY+=("$(printf %q "$line")"); done < <(coordinate complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _coordinate coordinate
`,
  zsh: `#compdef coordinate
_coordinate() {
  local -a found
  found=("\${(@f)$(coordinate complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n \${found[1]} ]] && compadd -- "\${found[@]}" || _files
}
# Read by compinit, it is called to complete at once; read by a script, it is told of.
if [[ \${funcstack[1]} == _coordinate ]]; then _coordinate "$@"; else compdef _coordinate coordinate; fi
`,
  fish: `function __coordinate_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (coordinate complete -- $words[2..-1] 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c coordinate -f -a '(__coordinate_complete)'
`,
};
