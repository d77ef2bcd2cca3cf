import { parseArgs } from 'node:util';
import { UsageError } from '../errors.js';
import { GLOBAL_OPTIONS } from '../settings/global-options.js';
import { nameIn, readDefinition } from '../input/definition.js';
import type { Values } from './arguments.js';
import { Arguments } from './arguments.js';
import type { Command, Option, Presets } from './command.js';
import { takenBy } from './command.js';

/** A command line, understood. */
export interface Parsed {
  /** Absent where there are no words, or none that are a command. */
  readonly command: Command | undefined;
  /** The words that were given in place of the command's. */
  readonly words: string;
  readonly args: Arguments;
}

/** In place of a SPEC that is taken, as the historic commands had it. */
const SPEC_OPTIONS: readonly Option[] = [
  { name: 'work-spec-name', short: 'W', value: 'NAME', about: 'the work spec, in place of SPEC' },
  { name: 'work-spec', short: 'w', value: 'FILE', about: 'the work spec whose definition is in a file' },
];

/** Its own, and those that it has by what it takes. */
export function optionsOf({ options = [], ...command }: Command): readonly Option[] {
  if (takenBy(command)[0]?.name !== 'SPEC') return options;
  return [...options, ...SPEC_OPTIONS.filter(({ name }) => !options.some((own) => own.name === name))];
}

/** @throws UsageError */
export function parse(argv: readonly string[], commands: readonly Command[]): Parsed {
  const at = argv.indexOf('--');
  const before = at === -1 ? [...argv] : argv.slice(0, at);
  const start = wordsAt(before);
  const found = commandAt(before, start, commands);
  if (!found) {
    const { values, positionals } = parsed(before, GLOBAL_OPTIONS);
    return { command: undefined, words: positionals.join(' '), args: new Arguments(values, positionals) };
  }
  const { command, words, presets } = found;
  const count = words.split(' ').length;
  const given = [...before.slice(0, start), ...before.slice(start + count)];
  const { values, positionals } = parsed(given, [...GLOBAL_OPTIONS, ...optionsOf(command)]);
  const all = { ...presets, ...values };
  const after = at === -1 ? [] : argv.slice(at + 1);
  // A name that begins with a dash stands behind `--`.
  const takesAfter = takenBy(command).some(({ name }) => name === '--');
  const taken = [...specIn(values, command), ...positionals, ...(takesAfter ? [] : after)];
  const args = new Arguments(all, taken, takesAfter ? after : []);
  if (!args.has('help')) check(command, words, args);
  return { command, words, args };
}

/** The work spec that an option names, unless what the option names is what the command is about. @throws UsageError */
function specIn({ 'work-spec-name': name, 'work-spec': file }: Values, { options = [] }: Command): string[] {
  if (typeof name === 'string') return [name];
  if (typeof file !== 'string' || options.some((option) => option.name === 'work-spec')) return [];
  return [nameIn(readDefinition(file), file)];
}

/** The place of the first word, behind options of all commands. */
function wordsAt(argv: readonly string[]): number {
  let at = 0;
  while (at < argv.length && argv[at].startsWith('-')) {
    const name = argv[at];
    const option = GLOBAL_OPTIONS.find((one) => name === `--${one.name}` || name === `-${one.short}`);
    at += option?.value !== undefined ? 2 : 1;
  }
  return at;
}

interface Found {
  readonly command: Command;
  readonly words: string;
  readonly presets: Presets;
}

/** Two words before one: `spec list` is something else than a command `spec`. */
function commandAt(argv: readonly string[], start: number, commands: readonly Command[]): Found | undefined {
  for (const count of [2, 1]) {
    const words = argv.slice(start, start + count).join(' ');
    for (const command of commands) {
      if (command.words === words) return { command, words, presets: {} };
      const presets = Object.hasOwn(command.aliases ?? {}, words) ? command.aliases![words] : undefined;
      if (presets) return { command, words, presets };
    }
  }
  return undefined;
}

function parsed(args: readonly string[], options: readonly Option[]): ReturnType<typeof parseArgs> {
  const config = Object.fromEntries(
    options.map(({ name, short, value, many = false }) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      return [name, { type, multiple: many, ...(short !== undefined && { short }) }];
    }),
  );
  try {
    return parseArgs({ args: [...args], options: config, allowPositionals: true, strict: true });
  } catch (error) {
    // The first sentence says what it is; what follows is advice for those who write such programs.
    throw new UsageError((error as Error).message.replace(/\. To specify a positional[^]*/, ''));
  }
}

function check(command: Command, words: string, args: Arguments): void {
  const parts = takenBy(command).filter(({ name }) => !name.startsWith('-') && name !== 'COMMAND');
  const least = parts.filter(({ isOptional }) => !isOptional).length;
  const missing = parts.filter(({ isOptional }) => !isOptional)[args.taken.length];
  if (args.taken.length < least && missing) throw new UsageError(`${words}: ${missing.name} is missing`);
  if (!parts.some(({ isMany }) => isMany) && args.taken.length > parts.length) {
    throw new UsageError(`${words}: what is ${args.taken[parts.length]} for?`);
  }
  for (const { name, choices } of [...GLOBAL_OPTIONS, ...optionsOf(command)]) {
    const wrong = choices && args.list(name).find((value) => !choices.includes(value));
    if (wrong !== undefined) throw new UsageError(`--${name} is one of ${choices!.join(', ')}: ${wrong}`);
  }
}
